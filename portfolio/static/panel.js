// A panel over the page for the camera, the recorder and the editor: one at a time, closed by its own buttons or Escape.
"use strict";

const Panel = (() => {
  const make = (tag, values = {}, ...inside) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(values)) {
      if (name === "class") made.className = value;
      else if (name === "press") made.addEventListener("click", value);
      else if (name in made && typeof value !== "string") made[name] = value;
      else if (value !== undefined) made.setAttribute(name, value);
    }
    made.append(...inside);
    return made;
  };
  const button = (words, press, values = {}) => make("button", { type: "button", class: "btn alt", press, ...values }, words);

  // `leave` is asked before the panel goes by Escape or by the phone's back button; it closes the panel itself.
  function open(title, className, leave) {
    const opener = document.activeElement;
    const box = make("dialog", { class: `panel ${className}`, "aria-labelledby": "panel-title" });
    const head = make("h2", { id: "panel-title", tabindex: "-1" }, title);
    const status = make("p", { class: "panel-status", role: "status" });
    const body = make("div", { class: "panel-body" });
    const foot = make("div", { class: "panel-foot" });
    box.append(head, status, body, foot);
    const closing = [];
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault(); // or the second Escape would close it unasked
      event.stopPropagation();
      leave();
    });
    box.addEventListener("cancel", (event) => { event.preventDefault(); leave(); });
    box.addEventListener("close", finish);
    document.body.append(box);
    box.showModal();
    head.focus();

    let over = false;
    function finish() {
      if (over) return;
      over = true;
      closing.forEach((work) => work());
      box.remove();
    }
    function close() {
      finish();
      if (opener && opener.isConnected) opener.focus();
    }
    const say = (words) => { if (status.textContent !== words) status.textContent = words; };
    return { box, head, body, foot, say, close, whenClosed: (work) => closing.push(work), isOpen: () => !over };
  }
  return { make, button, open };
})();

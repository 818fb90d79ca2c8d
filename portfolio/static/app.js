// What saves a reload or a tap. Every page works without it.
"use strict";

// After a page or a fragment arrives: focus goes to the message or the error summary, if there is one.
function focusOnMessage(root) {
  const target = root.querySelector ? root.querySelector("[data-focus]") : null;
  if (target) { target.focus({ preventScroll: false }); target.scrollIntoView({ block: "start" }); }
}
document.addEventListener("DOMContentLoaded", () => focusOnMessage(document));
document.addEventListener("htmx:afterSettle", (event) => {
  const swapped = event.detail && event.detail.elt;
  if (swapped) focusOnMessage(swapped.closest("[data-focus]") ? swapped.parentElement : swapped);
});

// What only some visits need comes when it is needed, once. Resolves when it has run.
const scripts = new Map();
function load(address) {
  if (!scripts.has(address)) {
    scripts.set(address, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = () => { scripts.delete(address); script.remove(); reject(new Error("no connection")); };
      document.head.append(script);
    }));
  }
  return scripts.get(address);
}
// Whoever begins to write about people gets the help with names.
document.addEventListener("focusin", (event) => {
  const address = document.body.dataset.writing;
  if (address && event.target.matches("[data-checked]")) load(address).catch(() => {});
});

// A form is sent once: a double tap finds the button busy. Coming back with the browser's button frees it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sending) { event.preventDefault(); return; }
  if (form.hasAttribute("data-many") || form.method === "get") return;
  form.dataset.sending = "1";
  const button = event.submitter;
  if (button) { button.classList.add("busy"); button.setAttribute("aria-busy", "true"); }
  // a file download or a stopped request leaves the page where it is: free the form after a while
  setTimeout(() => release(form), 8000);
});
function release(form) {
  delete form.dataset.sending;
  form.querySelectorAll(".busy").forEach((b) => { b.classList.remove("busy"); b.removeAttribute("aria-busy"); });
}
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(release));
document.addEventListener("htmx:afterRequest", (event) => {
  const asked = event.detail.elt;
  const form = asked && asked.closest && !asked.matches("[data-poll]") ? asked.closest("form") : null;
  if (form) release(form);
});

// Links in an error summary put the cursor into the field, also when its id is on a group.
document.addEventListener("click", (event) => {
  const link = event.target.closest ? event.target.closest(".summary a[href^='#']") : null;
  if (!link) return;
  const target = document.getElementById(link.getAttribute("href").slice(1));
  if (!target) return;
  event.preventDefault();
  const box = target.matches("input,textarea,select,button,a") ? target : target.querySelector("input,textarea,select,button,a");
  target.scrollIntoView({ block: "center" });
  if (box) box.focus({ preventScroll: true });
});

// People: a link to pass on is copied with one tap.
document.addEventListener("click", (event) => {
  const button = event.target.closest ? event.target.closest("[data-copy]") : null;
  const box = button && document.getElementById(button.dataset.copy);
  if (!box) return;
  box.select();
  navigator.clipboard.writeText(box.value).then(() => { button.textContent = "Copied"; }, () => box.focus());
});
if (navigator.clipboard) document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-copy]").forEach((b) => { b.hidden = false; }));

// Evidence: chosen files gather (a second photo does not push out the first) and are listed with their sizes; one over
// the limit is refused at once. While they are sent, a bar and words say how far it is.
const gathered = new WeakMap();
const megabytes = (size) => (size < 1e6 ? Math.ceil(size / 1000) + " KB" : (size / 1e6).toFixed(1) + " MB");
const same = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches("form[data-upload]:not([data-in-pieces]) input[type=file]")) return;
  const files = [...(gathered.get(box) || []), ...box.files];
  const tooLarge = files.filter((file) => file.size > Number(box.dataset.limit));
  keepFiles(box, files.filter((file, i) => !tooLarge.includes(file) && files.findIndex((other) => same(other, file)) === i), tooLarge);
});
function keepFiles(box, files, tooLarge) {
  const all = new DataTransfer();
  files.forEach((file) => all.items.add(file));
  box.files = all.files;
  gathered.set(box, files);
  const list = box.form.querySelector(".picked");
  list.replaceChildren();
  for (const file of tooLarge) {
    const words = `“${file.name}” is ${megabytes(file.size)}. One file may be ${megabytes(Number(box.dataset.limit))}: make it smaller, or say where the original is kept.`;
    list.append(line(words, "mistake"));
  }
  box.form.querySelectorAll("input[type=file]").forEach((each) => (gathered.get(each) || []).forEach((file) => {
    const item = line(`${file.name}, ${megabytes(file.size)}`);
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn alt small", textContent: "Remove" });
    button.setAttribute("aria-label", `Remove ${file.name}`);
    button.addEventListener("click", () => { keepFiles(each, gathered.get(each).filter((other) => other !== file), []); each.focus(); });
    item.append(button);
    list.append(item);
  }));
}
function line(words, className = "") {
  const item = document.createElement("li"), span = document.createElement("span");
  span.textContent = words;
  span.className = className;
  item.append(span);
  return item;
}
function sending(form, words, share) {
  const box = form.querySelector(".sending");
  box.hidden = !words;
  if (box.firstElementChild.textContent !== words) box.firstElementChild.textContent = words;
  box.lastElementChild.hidden = share === undefined;
  if (share !== undefined) box.lastElementChild.value = share;
}
document.addEventListener("htmx:xhr:progress", (event) => {
  const { lengthComputable, loaded, total } = event.detail;
  if (!event.target.matches("form[data-upload]") || !lengthComputable || total < 300000) return;
  const share = Math.floor((20 * loaded) / total) * 5;
  sending(event.target, share < 100 ? `Sending ${megabytes(total)}: ${share} %` : "Sent. The files are being checked …", share);
});
document.addEventListener("htmx:afterRequest", (event) => { if (event.target.matches("form[data-upload]") && event.detail.xhr.status) sending(event.target, ""); });
document.addEventListener("htmx:sendError", (event) => {
  if (event.target.matches("form[data-upload]")) sending(event.target, "This could not be sent: there is no connection. What you typed and chose is still here. Try again in a moment.");
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("form[data-upload] input[type=search]")) return;
  event.preventDefault();
  event.target.dispatchEvent(new Event("search"));
});

// assessment: the one button says what it will do, and the five can be answered at once.
function sayWhatItDoes(form) {
  const button = form.querySelector("[data-decide-button]"), all = form.querySelectorAll(".claim.judged").length;
  if (!button || !all) return;
  const chosen = [...form.querySelectorAll(".claim.judged .seg input[name^='outcome-']:checked")].map((radio) => radio.value);
  const covered = chosen.filter((value) => value === "covered").length, others = chosen.length - covered;
  const parts = [covered ? `sign off ${covered}` : "", others ? `return ${others}` : ""].filter(Boolean).join(", ");
  const left = all - chosen.length;
  button.textContent = parts ? parts[0].toUpperCase() + parts.slice(1) + (left ? ` (${left} to answer)` : "") : "Record these decisions";
}
function readyToDecide(root) {
  root.querySelectorAll("form[data-decide]").forEach((form) => {
    sayWhatItDoes(form);
    form.querySelectorAll("[data-all-yes]").forEach((button) => { button.hidden = false; });
  });
}
document.addEventListener("DOMContentLoaded", () => readyToDecide(document));
document.addEventListener("htmx:afterSettle", () => readyToDecide(document));
document.addEventListener("change", (event) => { const form = event.target.closest("form[data-decide]"); if (form) sayWhatItDoes(form); });
document.addEventListener("click", (event) => {
  const button = event.target.closest ? event.target.closest("[data-all-yes]") : null;
  if (button) button.closest(".five").querySelectorAll("input[value='yes']").forEach((radio) => { radio.checked = true; });
});

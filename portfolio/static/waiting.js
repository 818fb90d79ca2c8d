// What is on this phone, in words: on the evidence form beside the files, on every other page as a list with its dates.
"use strict";

const Waiting = (() => {
  if (!Keeping.usable()) return null;
  let person = document.body.dataset.person || ""; // the page without signal learns it from the phone: begin()
  const WHY = {
    offline: "There is no signal. It goes by itself when there is.",
    "signed-out": "Sign in again: then it goes on.",
    busy: "The portfolio is busy. It is tried again by itself.",
  };
  const HERE = matchMedia("(pointer: coarse), (max-width: 700px)").matches ? "phone" : "computer";
  const size = (bytes) => (bytes < 1e6 ? Math.ceil(bytes / 1000) + " KB" : (bytes / 1e6).toFixed(1) + " MB");
  const day = (at) => new Date(at).toLocaleString("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  const make = (tag, className, words) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (words) made.textContent = words;
    return made;
  };
  function button(words, label, press) {
    const made = make("button", "btn alt small", words);
    made.type = "button";
    made.setAttribute("aria-label", label);
    made.addEventListener("click", press);
    return made;
  }
  const isHeld = (item) => item.state === "held" || item.state === "cut";
  // Everything of this person, each with what it is called and where it goes.
  async function lines() {
    const found = [];
    for (const item of await Keeping.list(person)) found.push({ item, about: await Keeping.about(item) });
    return Holding.fold(found);
  }
  const howFar = (item) => `: ${Math.floor((100 * item.have) / item.of)} % of ${size(item.size)}.`;
  function words(item, about) {
    if (item.state === "safe" && about.receipt) return `Safe since ${about.receipt.at_words}. Receipt ${about.receipt.code}.` + (about.receipt.removed ? ` Taken out: ${about.receipt.removed}.` : "");
    if (item.state === "refused") return `Not taken. ${item.sentence || ""}`;
    if (isHeld(item)) return Holding.words(item, about, HERE, day);
    if (item.paused) return `On this ${HERE}, not sent. Paused: it waits until you press Go on.`;
    if (item.state === "sending" && item.of) return `Sending${howFar(item)}`;
    if (item.state === "sending") return "Sending.";
    return `On this ${HERE} since ${day(item.at)}, not sent. ${item.sentence && item.why !== "offline" ? item.sentence : WHY[item.why] || ""}`;
  }

  // One line for each file; made once, then only its words change, so that focus and screen readers stay where they are.
  function show(list, item, about) {
    let row = list.querySelector(`[data-item="${item.id}"]`);
    if (!row) row = newRow(list, item, about);
    if (row.dataset.blind) item = { ...item, blind: true };
    const [state, bar, buttons] = [".kept-state", "progress", ".row"].map((part) => row.querySelector(part));
    const said = words(item, about);
    if (state.textContent !== said) sayState(state, said, item);
    row.dataset.state = item.state;
    bar.max = item.of || 1;
    bar.value = item.have || 0;
    bar.hidden = item.state !== "sending";
    showPreview(row, item, about, () => show(list, item, about));
    const wanted = isHeld(item) ? item.state + (item.blind ? "-blind" : "") : ["safe", "refused"].includes(item.state) ? item.state : item.paused ? "paused" : "going";
    if (buttons.dataset.of === wanted) return;
    buttons.dataset.of = wanted;
    buttons.replaceChildren();
    if (isHeld(item)) buttons.append(...Holding.buttons(item, about).map((one) => button(...one)));
    if (wanted === "going") buttons.append(button("Pause", `Pause ${about.name}`, () => Sending.pause(item.id, true)));
    if (wanted === "paused") buttons.append(button("Go on", `Go on with ${about.name}`, () => Sending.pause(item.id, false)));
    if (wanted === "going" || wanted === "paused") buttons.append(button("Cancel", `Cancel ${about.name}`, () => Sending.cancel(item.id)));
    if (wanted === "refused") buttons.append(button("Remove", `Remove ${about.name}`, () => Sending.cancel(item.id)));
  }
  // Each state is spoken once; how far it has come is seen, and asked of the bar by whoever does not see it.
  function sayState(state, said, item) {
    if (item.state !== "sending" || !item.of || !said.endsWith(howFar(item))) { state.textContent = said; return; }
    let far = state.querySelector("[aria-hidden]");
    if (!far) { far = make("span"); far.setAttribute("aria-hidden", "true"); state.replaceChildren("Sending", far); }
    far.textContent = howFar(item);
  }
  function newRow(list, item, about) {
    const row = make("li", "kept");
    row.dataset.item = item.id;
    row.append(make("p", "kept-name", `${about.name}, ${size(item.size)}`), make("p", "kept-state"), make("progress"), make("div", "row"));
    row.querySelector(".kept-state").setAttribute("role", "status");
    row.querySelector("progress").setAttribute("aria-label", `Sent of ${about.name}`);
    list.append(row);
    return row;
  }
  // What is held back shows itself; once it is on its way the small picture goes.
  function showPreview(row, item, about, again) {
    const there = row.querySelector("canvas");
    if (item.state !== "held") { if (there) there.remove(); return; }
    if (there) return;
    const place = make("canvas", "kept-preview");
    place.hidden = true;
    place.setAttribute("role", "img");
    row.prepend(place);
    Holding.preview(item, place, about.name).then((drawn) => { if (!drawn && row.isConnected) { row.dataset.blind = "yes"; again(); } });
  }
  // Several photos that are held can be added with one tap.
  function showAll(list, items) {
    const held = items.filter((item) => item.state === "held"), after = list.nextElementSibling;
    let box = after && after.matches(".all-held") ? after : null;
    if (held.length < 2) { if (box) box.remove(); return; }
    if (box && box.dataset.of === held.map((item) => item.id).join()) return;
    if (!box) { box = make("p", "all-held"); list.after(box); }
    box.dataset.of = held.map((item) => item.id).join();
    box.replaceChildren(button(`Add all ${held.length} as they are`, `Add all ${held.length} photos as they are`, () => Holding.release(held)));
  }
  function shownIn(list, found) {
    const known = new Set(found.map((one) => one.item.id));
    for (const row of [...list.querySelectorAll("[data-item]")]) if (!known.has(row.dataset.item) && row.dataset.state !== "safe") row.remove();
    for (const { item, about } of found) show(list, item, about);
    showAll(list, found.map((one) => one.item));
  }
  const unsent = (items) => items.filter((item) => item.state !== "safe");

  // Elsewhere than on the form that it belongs to: how many there are, since when, and a button to send them now.
  function showBanner(found) {
    if (document.getElementById("waiting_here")) return; // without signal nobody knows who looks: dates alone (offline.js)
    const here = document.querySelector("form[data-upload]");
    const elsewhere = found.filter(({ item, about }) => item.state !== "safe" && !(here && belongs(here, about)));
    let box = document.getElementById("on_this_phone");
    if (!elsewhere.length) { if (box) box.remove(); return; }
    if (!box) {
      box = make("section", "card phone");
      box.id = "on_this_phone";
      box.setAttribute("aria-label", `On this ${HERE}`);
      box.append(make("h2"), make("ul", "plain"), button("Send now", "Send now", () => Sending.now()));
      const main = document.getElementById("main");
      main.insertBefore(box, main.querySelector("#message").nextSibling);
    }
    box.firstElementChild.textContent = elsewhere.length === 1 ? `1 file is on this ${HERE}, not sent yet` : `${elsewhere.length} files are on this ${HERE}, not sent yet`;
    box.lastElementChild.hidden = elsewhere.every(({ item }) => isHeld(item));
    shownIn(box.querySelector("ul"), elsewhere);
  }
  // A draft's page knows the key of the page that it was begun on: what was held there belongs here.
  const madeWith = (form) => { const told = form.querySelector("[data-made-with]"); return told ? told.dataset.madeWith : ""; };
  function belongs(form, about) {
    if (form.dataset.uploads && form.dataset.uploads === about.uploads) return true;
    return Boolean(about.form_key) && [form.elements.form_key.value, madeWith(form)].includes(about.form_key);
  }

  function showOnForm(found) {
    const form = document.querySelector("form[data-upload]");
    if (!form) return;
    Holding.offer(form);
    shownIn(form.querySelector(".picked"), found.filter(({ about }) => belongs(form, about)));
  }
  let turn = Promise.resolve(); // one after the other, or two would make the same line
  const refresh = (id, item) => {
    turn = turn.then(async () => {
      const row = id && document.querySelector(`[data-item="${id}"]`);
      if (row && !item) row.remove();
      const found = await lines();
      showOnForm(found);
      showBanner(found);
      if (item && item.state === "safe") await settled(item);
    }).catch((error) => console.error(error));
    return turn;
  };
  // Where the form shows the files of the draft, the new one takes its place there, and its line has said enough.
  async function settled(item) {
    const form = document.querySelector("form[data-upload]"), about = await Keeping.about(item);
    if (!form || !belongs(form, about)) { await Keeping.drop(item.id); return; }
    const files = document.getElementById("piece_files");
    if (files && form.dataset.files && window.htmx) window.htmx.ajax("GET", `${form.dataset.files}?removable=1`, { target: "#piece_files", swap: "outerHTML" });
    await Keeping.drop(item.id);
  }

  const aboutOf = (form, name) => ({
    name, form_key: form.elements.form_key.value, title: form.elements.title.value, remove_comments: form.elements.remove_comments.checked,
    ...(form.dataset.uploads ? { uploads: form.dataset.uploads } : { drafts: form.dataset.drafts }),
  });
  // Keep one file here, or say why it cannot be kept: then there is none.
  async function keep(form, file, state, more = {}) {
    const wrong = (sentence) => { form.querySelector(".picked").append(make("li", "mistake", sentence)); return null; };
    if (!file.size) return wrong(`“${file.name}” is empty. Choose another file.`);
    if (file.size > Number(form.dataset.limit)) return wrong(`“${file.name}” is ${size(file.size)}. One file may be ${size(Number(form.dataset.limit))}: make it smaller, or say where the original is kept.`);
    if (!(await Keeping.hasRoom(file.size))) return wrong(`There is no room on this ${HERE} to keep “${file.name}” (${size(file.size)}) until it is sent. Nothing of it was kept. Free some room, or send the files before it first.`);
    try {
      const item = await Keeping.add(person, file, { ...aboutOf(form, file.name), ...more }, state);
      await refresh(item.id, item);
      return item;
    } catch (error) {
      return wrong(`“${file.name}” could not be kept on this ${HERE}: ${error.message || error}. Choose it again.`);
    }
  }
  // Photos are held until their owner has looked at them; everything else goes at once.
  async function take(form, files) {
    for (const file of files) await keep(form, file, Holding.isPhoto(file) ? "held" : "waiting");
    Sending.now();
  }
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!box.matches("form[data-in-pieces] input[type=file]")) return;
    const files = [...box.files];
    box.value = "";
    take(box.form, files);
  });
  // Submitting waits for the files: what the assessor gets is whole. Saving a draft does not.
  document.addEventListener("submit", (event) => {
    const form = event.target, pressed = event.submitter;
    if (!form.matches("form[data-in-pieces]") || !pressed || pressed.value !== "submit") return;
    if (!form.querySelector(".kept:not([data-state=safe]):not([data-state=refused])")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const note = form.querySelector(".sending");
    note.hidden = false;
    note.lastElementChild.hidden = true;
    const held = form.querySelector(".kept[data-state=held], .kept[data-state=cut]");
    note.firstElementChild.textContent = held
      ? `Something here is held back on this ${HERE}: look at it and add it, or remove it, then submit again. What you wrote can be saved as a draft now.`
      : `Some files are still on this ${HERE}. Submit again once they are safe, or cancel them. What you wrote can be saved as a draft now.`;
    note.scrollIntoView({ block: "center" });
  }, true);

  // Signing out drops what is not sent: that is said first.
  let sure = false;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (sure || form.getAttribute("action") !== "/sign-out") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const leave = async () => { sure = true; await Keeping.forget(person); form.submit(); };
    Promise.all([lines(), Keeping.words(person)]).then(([found, words]) => {
      const left = unsent([...found.map((one) => one.item), ...words]).length, what = unsent(words).length ? "thing" : "file";
      if (!left) return leave();
      const box = make("div", "card");
      box.setAttribute("role", "alert");
      box.append(make("p", "", `${left === 1 ? `1 ${what} is` : `${left} ${what}s are`} on this ${HERE} and not sent yet. Signing out removes ${left === 1 ? "it" : "them"} from this ${HERE} for good.`));
      const row = make("div", "row");
      row.append(button("Send first", "Send first", () => { box.remove(); Sending.now(); }), button("Sign out and remove", "Sign out and remove", leave));
      box.append(row);
      form.after(box);
      row.firstElementChild.focus();
    }, leave);
  }, true);

  // From the first moment: a file that is chosen before the list is read goes this way too.
  function takeOver() {
    const form = document.querySelector("form[data-upload]:not([data-in-pieces])");
    if (form) form.dataset.inPieces = "yes";
    return Boolean(form);
  }
  Sending.listen(refresh);
  document.addEventListener("htmx:afterSettle", () => { if (takeOver()) refresh(); });
  // A sentence beside the files of the form, or on top of the page.
  function note(sentence) {
    const form = document.querySelector("form[data-upload]"), said = make(form ? "li" : "p", "mistake", sentence);
    said.setAttribute("role", "alert");
    if (form) form.querySelector(".picked").append(said); else document.getElementById("message").after(said);
  }

  function begin(who) {
    person = who;
    takeOver();
    return Keeping.tidy(person).catch((error) => console.error(error)).then(() => refresh());
  }
  if (person) begin(person).then(() => Sending.begin(person));
  return { begin, refresh, keep, aboutOf, note, HERE };
})();

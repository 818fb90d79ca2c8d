// What was written on this phone and has not been sent, or was sent by itself since: a list with its dates on every page
// of its writer's, and the sentence that says when browsers throw such things away. Makes the page open without signal.
"use strict";

(() => {
  const person = document.body.dataset.person;
  if (!person || !Keeping.usable()) return;
  const LONG = 5 * 86400000;
  const HERE = matchMedia("(pointer: coarse), (max-width: 700px)").matches ? "phone" : "computer";
  const WHY = { offline: "There is no signal. It goes by itself when there is.", "signed-out": "Sign in again: then it goes on.", busy: "The portfolio is busy. It is tried again by itself." };
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
  function link(words, address) {
    const made = make("a", "btn alt small", words);
    made.href = address;
    return made;
  }
  const nameOf = (about) => (about.title ? `“${about.title}”` : "What you wrote");

  function words(item, about) {
    if (item.state === "safe") return `Written on this ${HERE} on ${day(about.when)}, and saved as a draft since. ` + (about.beside ? "The same place was also written elsewhere: both texts are kept. Choose between them." : "Look at it and submit it.");
    if (item.state === "refused") return `On this ${HERE} since ${day(item.at)}. ${item.sentence}`;
    const long = Date.now() - item.at > LONG ? ` It has waited for ${Math.floor((Date.now() - item.at) / 86400000)} days. Browsers may throw away what a site keeps after 7 days without a visit: find signal and send it now.` : "";
    return `On this ${HERE} since ${day(item.at)}, not sent. ${WHY[item.why] || ""}${long}`;
  }
  async function row(item) {
    const about = await Keeping.about(item), name = nameOf(about), made = make("li", "kept"), buttons = make("div", "row");
    made.dataset.words = item.id;
    made.dataset.state = item.state;
    const said = make("p", item.state === "waiting" && Date.now() - item.at > LONG ? "kept-state warn" : "kept-state", words(item, about));
    const drop = async () => { await Keeping.drop(item.id); refresh(); };
    if (item.state === "safe") {
      const open = link("Look at it", about.edit + (about.beside ? "?done=beside#beside" : ""));
      open.setAttribute("aria-label", `Look at ${name}`);
      open.addEventListener("click", () => { Keeping.drop(item.id); });
      buttons.append(open, button("Done", `Do not show ${name} here any more`, drop));
    }
    if (item.state === "refused") buttons.append(button("Keep as a new draft", `Keep ${name} as a new draft`, () => anew(item, about)), button("Remove", `Remove ${name} from this ${HERE}`, drop));
    made.append(make("p", "kept-name", name), said, buttons);
    return made;
  }
  // The same words under a key of their own: another draft.
  async function anew(item, about) {
    const key = crypto.randomUUID().replaceAll("-", ""), address = about.address.replace(/\/evidence\/.*$/, "/evidence/drafts");
    const fields = about.fields.filter(([name]) => !["form_key", "base"].includes(name)).concat([["form_key", key], ["base", ""]]);
    await Keeping.write(person, `words-${key}`, { ...about, address, fields }, item.turn);
    await Keeping.drop(item.id);
    await refresh();
    Sending.now();
  }

  // The form of this very draft was loaded before its words had gone: it is loaded again, unless somebody writes in it.
  let touched = false;
  document.addEventListener("input", () => { touched = true; });
  async function comesBack(item) {
    const { edit, beside } = await Keeping.about(item);
    if (touched || edit !== location.pathname) return false;
    await Keeping.drop(item.id);
    location.replace(edit + (beside ? "?done=beside#beside" : "?done=restored"));
    return true;
  }

  // Pages that are open write for themselves and say so themselves.
  async function shown() {
    const found = await Keeping.words(person);
    if (!found.length || !navigator.locks || !navigator.locks.query) return found;
    const open = new Set((await navigator.locks.query()).held.map((lock) => lock.name));
    return found.filter((item) => !open.has(Sending.WRITING + item.id));
  }
  async function show() {
    const items = await shown();
    for (const item of items) if (item.state === "safe" && (await comesBack(item))) return;
    let box = document.getElementById("written_here");
    if (!items.length) { if (box) box.remove(); return; }
    if (!box) {
      box = make("section", "card phone");
      box.id = "written_here";
      box.setAttribute("aria-labelledby", "written-title");
      const title = make("h2");
      title.id = "written-title";
      box.append(title, make("ul", "plain"), button("Send now", "Send now what was written", () => Sending.now()));
      box.querySelector("ul").setAttribute("aria-live", "polite");
      document.getElementById("message").after(box);
    }
    const unsent = items.filter((item) => item.state !== "safe");
    box.firstElementChild.textContent = unsent.length ? `Written on this ${HERE}, not sent yet` : `Written on this ${HERE}`;
    box.lastElementChild.hidden = !unsent.some((item) => item.state === "waiting");
    const rows = [];
    for (const item of items) rows.push(await row(item));
    const list = box.querySelector("ul"), before = list.textContent;
    if (rows.map((one) => one.textContent).join("") !== before) list.replaceChildren(...rows);
  }
  let turn = Promise.resolve();
  const refresh = () => (turn = turn.then(show).catch((error) => console.error(error)));

  // Saving by itself comes with the first touch of the form.
  document.addEventListener("focusin", (event) => {
    const form = event.target.closest && event.target.closest("form[data-autosaving]");
    if (form) load(form.dataset.autosaving).catch(() => {});
  });
  // For the page that opens without signal: where new pieces go, whom to turn to, whose names may stand there. Asked anew
  // on each page that leads to writing, or that says whom to turn to; without an answer, what this phone knows stays.
  async function remember() {
    const form = document.querySelector("form[data-drafts]"), add = document.querySelector("a[href*='/evidence/new']");
    const at = form ? form.dataset.drafts : add ? new URL(add.href).pathname.replace(/\/new$/, "/drafts") : "";
    const told = document.querySelector("[data-turn-to]") && document.querySelector("[data-known]");
    const drafts = at || (told ? told.dataset.known.replace(/\/known-names$/, "/evidence/drafts") : "");
    if (!drafts) return;
    const { person: of, ...before } = (await Keeping.home().catch(() => null)) || {};
    if (at) await Keeping.remember(person, of === person && before.drafts === at ? before : { drafts: at });
    const answer = await fetch(drafts.replace(/\/evidence\/drafts$/, "/for-the-phone"), { headers: { Accept: "application/json" } });
    if (answer.ok && answer.headers.has("X-Portfolio")) await Keeping.remember(person, { drafts, ...(await answer.json()) });
  }
  // And the page itself, once this one has come.
  async function prepare() {
    if (navigator.serviceWorker) await navigator.serviceWorker.register("/worker.js");
    await remember();
  }
  const idle = window.requestIdleCallback || ((work) => setTimeout(work, 2000));
  window.addEventListener("load", () => setTimeout(() => idle(() => prepare().catch(() => {})), 1500));

  Sending.read(refresh);
  refresh();
})();

// Saves the form of a piece by itself: to this phone a moment after each change, and to the draft when there is signal.
// Nothing is submitted. What the draft has is removed from this phone.
"use strict";

(() => {
  const person = document.body.dataset.person, SOON = 200, THEN = 1500;
  const NOT_WORDS = new Set(["action", "browse", "q", "shown", "files", "turn", "remove_file", "choose", "kept_form", "kept_before"]);
  const HERE = matchMedia("(pointer: coarse), (max-width: 700px)").matches ? "phone" : "computer";
  const clock = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" });
  const AGAIN = [3000, 8000, 20000, 60000];
  let keeping = 0, sending = 0, busy = false, tries = 0, held = "", told = "", room = true;

  const form = () => document.querySelector("form[data-autosaving]");
  const idOf = (of) => `words-${of.elements.form_key.value}`;
  const fieldsOf = (of) => [...new FormData(of)].filter(([name, value]) => typeof value === "string" && !NOT_WORDS.has(name));
  const hasWords = (of) => [...of.querySelectorAll("textarea, input[type=text]")].some((box) => box.value.trim().length > 2);

  // Seen by everybody as it is; read out only when it becomes something else, not at every save.
  function say(kind, words, address, label) {
    const line = form() && form().querySelector(".saved-words");
    if (!line) return;
    const [seen, heard] = line.children, sentence = `${words}${label ? ` ${label}` : ""}`;
    seen.replaceChildren(words);
    if (address) {
      const link = document.createElement("a");
      link.href = address;
      link.textContent = label;
      seen.append(" ", link);
    }
    if (kind !== told && kind !== "here") { heard.textContent = sentence; told = kind; }
  }
  // While this page is open no other sends for it.
  function hold(id) {
    if (held === id || !navigator.locks) return;
    held = id;
    navigator.locks.request(Sending.WRITING + id, { ifAvailable: true }, (lock) => lock && new Promise(() => {})).catch(() => {});
  }
  const bump = (of) => { of.elements.turn.value = Number(of.elements.turn.value || 0) + 1; return Number(of.elements.turn.value); };

  async function keep() {
    clearTimeout(keeping);
    keeping = 0;
    const of = form();
    if (!of) return;
    const fields = fieldsOf(of), turn = bump(of), address = of.dataset.autosave || of.dataset.drafts;
    hold(idOf(of));
    try {
      room = room && (await Keeping.hasRoom(JSON.stringify(fields).length * 2));
      if (!room) throw new Error("no room");
      await Keeping.write(person, idOf(of), { title: of.elements.title.value.trim(), address, fields }, turn);
      if (told !== "draft" && told !== "") say(told, `Saved on this ${HERE} ${clock()}. ${WHY[told] || ""}`);
      else say("here", `Saved on this ${HERE} ${clock()}`);
    } catch {
      room = true;
      say("full", `This ${HERE} has no room to keep what you write. Save the draft often, or free some room.`);
    }
    clearTimeout(sending);
    sending = setTimeout(send, THEN);
  }
  const WHY = {
    offline: "There is no signal: it goes by itself when there is.",
    busy: "The portfolio is busy: it is tried again by itself.",
    "signed-out": "You are signed out. Sign in again in another tab, then go on here.",
  };

  async function send() {
    const of = form();
    if (!of || busy || (!of.dataset.autosave && !hasWords(of))) return;
    const item = await Keeping.get(idOf(of));
    if (!item || item.state === "refused") return;
    busy = true;
    try {
      const said = await Sending.sendWords(item);
      tries = 0;
      const all = await Keeping.taken(item.id, item.turn);
      if (said.beside) say("beside", `Saved as a draft ${said.at_words}. The same place was also written elsewhere; both texts are kept.`, `${said.edit}?done=beside#beside`, "Look at both");
      else if (said.more) say("more", `Saved as a draft ${said.at_words}. More was saved on another page; it is kept too.`, said.edit, "Show the whole draft");
      else say("draft", `Saved as a draft ${said.at_words}`);
      if (!all) sending = setTimeout(send, THEN);
    } catch (stop) {
      const why = stop.why || "busy";
      if (why === "refused" || why === "damaged") {
        await Keeping.change(item.id, { state: "refused", why, sentence: stop.sentence });
        say("refused", `Kept on this ${HERE} ${clock()}, and not saved as a draft. ${stop.sentence} The next page offers to keep it as a new draft.`);
      } else {
        say(why, `Saved on this ${HERE} ${clock()}. ${WHY[why] || WHY.busy}`);
        if (why !== "signed-out") sending = setTimeout(send, AGAIN[Math.min(tries++, AGAIN.length - 1)]);
      }
    } finally {
      busy = false;
    }
  }
  function changed(event) {
    const box = event.target, of = form();
    if (!of || !of.contains(box) || !box.name || NOT_WORDS.has(box.name)) return;
    if (!keeping) keeping = setTimeout(keep, SOON);
  }
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  // Tapped away: at once, what the timer would have done.
  const now = () => { if (keeping) keep(); };
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") now(); else send(); });
  window.addEventListener("pagehide", now);
  window.addEventListener("online", () => { tries = 0; send(); });
  // Pressed: this is the newest of the page, whatever is still on its way.
  document.addEventListener("submit", (event) => {
    if (event.target !== form()) return;
    clearTimeout(keeping);
    clearTimeout(sending);
    keeping = 0;
    bump(event.target);
    Sending.pressed(idOf(event.target));
  }, true);
  document.addEventListener("htmx:sendError", (event) => { if (event.target === form()) keep(); });
  // What was typed while this script was on its way.
  const differs = (box) => ("checked" in box && ["checkbox", "radio"].includes(box.type) ? box.checked !== box.defaultChecked : "defaultValue" in box && box.value !== box.defaultValue);
  if (form() && [...form().elements].some((box) => box.name && box.type !== "hidden" && box.type !== "file" && !NOT_WORDS.has(box.name) && differs(box))) keep();
})();

// The page without signal: what is written, taken and chosen here is kept on this phone, encrypted, for the person who used
// it last and did not sign out. It becomes a draft when there is signal and that person is signed in; never more than that.
// The card about whom to turn to, the labels, the identity check, camera, recorder and editor are those of the page with
// signal. Whoever holds the phone now is not known: what waited before is listed by its date alone.
"use strict";

(async () => {
  const SOON = 200, PATIENCE = 10000, form = document.getElementById("offline_form"), list = form.querySelector(".picked");
  const [seen, heard] = form.querySelector(".saved-words").children, { body } = document;
  const clock = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" });
  const day = (at) => new Date(at).toLocaleString("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  const newKey = () => crypto.randomUUID().replaceAll("-", "");
  let key = "", turn = 0, timer = 0, release = () => {}, sends = false;

  const home = Keeping.usable() ? await Keeping.home().catch(() => null) : null;

  // The piece that is being written here is not sent under its writer's hands.
  function hold() {
    if (!navigator.locks) return;
    navigator.locks.request(`${Sending.WRITING}words-${key}`, { ifAvailable: true }, (lock) => lock && new Promise((done) => { release = done; })).catch(() => {});
  }
  const fields = () => [...new FormData(form)].filter(([, value]) => typeof value === "string");
  const hasWords = () => [...form.querySelectorAll("textarea, input[type=text], input:not([type])")].some((box) => box.value.trim());
  const hasFiles = () => Boolean(list.querySelector(".kept"));
  const title = () => form.elements.title.value.trim();
  function say(words, aloud = true) {
    seen.textContent = words;
    if (aloud) heard.textContent = words;
  }
  async function keep() {
    clearTimeout(timer);
    timer = 0;
    if (!turn) hold();
    try {
      if (!(await Keeping.hasRoom(JSON.stringify(fields()).length * 2))) throw new Error("no room");
      await Keeping.write(home.person, `words-${key}`, { title: title(), address: home.drafts, fields: fields() }, ++turn);
      say(`Saved on this phone ${clock()}`, false);
      return true;
    } catch {
      say("There is no room on this phone to keep what you write. Free some room, then go on.");
      return false;
    }
  }
  function anotherPiece() {
    release();
    key = newKey();
    turn = 0;
    form.reset();
    form.elements.form_key.value = key;
    list.replaceChildren();
  }
  async function submit(event) {
    event.preventDefault();
    if (!hasWords() && !hasFiles() && !turn) { say("Write something, or choose a file: then it can be kept."); form.elements.title.focus(); return; }
    const held = list.querySelectorAll(".kept[data-state=held]").length;
    if (!(await keep())) return;
    anotherPiece();
    await Waiting.refresh();
    await show();
    say("Kept on this phone. It becomes a draft by itself when there is signal." + (held ? ` ${held === 1 ? "The photo that you have not looked at is" : `The ${held} photos that you have not looked at are`} held back: look at ${held === 1 ? "it" : "them"} in the portfolio.` : ""));
    const listed = document.getElementById("waiting-title");
    listed.scrollIntoView({ block: "center" });
    listed.focus({ preventScroll: true });
    if (sends) Sending.now();
  }

  // What waits is listed with its date and without its words. What belongs to the piece on the form stands there.
  function counted(files) {
    const held = files.filter(({ item }) => ["held", "cut"].includes(item.state)).length;
    if (!files.length) return "";
    return ` with ${files.length} ${files.length === 1 ? "file" : "files"}${held ? `, ${held === files.length ? "" : `${held} of them `}held back until you have looked at ${held === 1 ? "it" : "them"} in the portfolio` : ""}`;
  }
  function alone({ item }) {
    if (item.state === "cut") return `A recording of ${day(item.at)} that was cut off: keep it or throw it away in the portfolio.`;
    return `A file of ${day(item.at)}: ${item.state === "held" ? "held back until you have looked at it in the portfolio" : "not sent"}.`;
  }
  async function show() {
    const words = (await Keeping.words(home.person)).filter((item) => item.id !== `words-${key}`), kept = [];
    for (const item of await Keeping.list(home.person)) kept.push({ item, about: await Keeping.about(item) });
    const files = (await Holding.fold(kept)).filter(({ item, about }) => about.form_key !== key && item.state !== "safe");
    const rows = words.map((item) => {
      const state = item.state === "safe" ? "saved as a draft: look at it and submit it" : item.state === "refused" ? "not taken: open the portfolio to see why" : "not sent";
      return `A piece of ${day(item.at)}${counted(files.filter(({ about }) => item.id === `words-${about.form_key}`))}: ${state}.`;
    });
    rows.push(...files.filter(({ about }) => !words.some((one) => one.id === `words-${about.form_key}`)).map(alone));
    const box = document.getElementById("waiting_here");
    box.hidden = !rows.length;
    box.querySelector("ul").replaceChildren(...rows.map((row) => Object.assign(document.createElement("li"), { textContent: row })));
  }

  // Whether the portfolio can be reached is said once it is known. Sent is only what belongs to the one who is signed in.
  let asking = null, without = false;
  const reachable = () => (asking = asking || look().finally(() => { asking = null; }));
  async function look() {
    const stop = new AbortController(), late = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch("/", { credentials: "same-origin", signal: stop.signal });
      if (!answer.headers.has("X-Portfolio")) return tell("No signal", "Another network answers in place of the portfolio: you may have to sign in to that network first. You can write evidence here: it waits on this phone, and goes by itself when there is signal.");
      const found = /<body[^>]* data-person="([^"]+)"/.exec(await answer.text());
      return connected(found ? found[1] : "");
    } catch {
      return tell("No signal", "The portfolio cannot be reached just now." + (home ? " You can write evidence here: it waits on this phone, and goes by itself when there is signal." : ""));
    } finally { clearTimeout(late); }
  }
  function tell(heading, words) {
    const signal = document.getElementById("signal"), there = heading !== "No signal";
    without = without || !there;
    document.querySelector("h1").textContent = heading;
    document.title = document.title.replace(/^.* – /, `${heading} – `);
    document.getElementById("open_portfolio").textContent = there ? "Open the portfolio" : "Try the portfolio again";
    if (signal.textContent !== words) signal.textContent = words;
  }
  function connected(who) {
    const now = without ? "There is signal again" : "You are connected";
    if (!home) return tell("You are connected", `${now}: open the portfolio${who ? "" : " and sign in"}.`);
    if (who !== home.person) return tell("You are connected", `${now}. What waits here goes when its writer signs in.`);
    tell("You are connected", `${now}: what waits here is being sent. Finish what you write, or open the portfolio.`);
    if (sends) Sending.now(); else { sends = true; Sending.begin(home.person); }
  }
  window.addEventListener("online", reachable);
  window.addEventListener("offline", reachable);
  window.addEventListener("pageshow", reachable);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") reachable(); });
  reachable();
  if (!home) { document.getElementById("nobody").hidden = false; return; }

  // As this phone has it from the last page with signal: the words are the server's own, kept encrypted (keeping.js).
  if (home.turn_to) {
    const place = document.getElementById("turn_to");
    place.dataset.turnTo = "";
    place.replaceChildren(...new DOMParser().parseFromString(home.turn_to, "text/html").body.childNodes);
  }
  Object.assign(body.dataset, { person: home.person, writer: home.person, camera: form.dataset.camera, writing: form.dataset.writing, identities: form.dataset.identities });
  form.dataset.drafts = home.drafts;
  document.getElementById("waiting-title").tabIndex = -1;
  anotherPiece();
  form.addEventListener("input", (event) => { if (event.target.name && !timer) timer = setTimeout(keep, SOON); });
  const now = () => { if (timer) keep(); };
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") now(); });
  window.addEventListener("pagehide", now);
  form.addEventListener("submit", submit);
  document.getElementById("send_now").addEventListener("click", reachable);
  Sending.read(show);
  Sending.listen(show);
  await Waiting.begin(home.person);
  await show();
  form.hidden = false;
})();

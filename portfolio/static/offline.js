// The page without signal: what is written and chosen here is kept on this phone, encrypted, for the person who used it
// last and did not sign out. It becomes a draft when there is signal and that person is signed in; never more than that.
"use strict";

(async () => {
  const SOON = 200, form = document.getElementById("offline_form"), list = form.querySelector(".picked");
  const [seen, heard] = form.querySelector(".saved-words").children, files = document.getElementById("files");
  const PHOTO = /\.(jpe?g|jpe|jfif|png|webp|gif|avif|hei[cf]|hif)$/i;
  const isPhoto = (file) => (file.type ? file.type.startsWith("image/") : PHOTO.test(file.name));
  const clock = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" });
  const day = (at) => new Date(at).toLocaleString("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  const size = (bytes) => (bytes < 1e6 ? Math.ceil(bytes / 1000) + " KB" : (bytes / 1e6).toFixed(1) + " MB");
  const newKey = () => crypto.randomUUID().replaceAll("-", "");
  let key = newKey(), turn = 0, timer = 0, release = () => {}, sends = false;

  const home = Keeping.usable() ? await Keeping.home().catch(() => null) : null;
  if (!home) { document.getElementById("nobody").hidden = false; return; }
  form.hidden = false;

  // The piece that is being written here is not sent under its writer's hands.
  function hold() {
    if (!navigator.locks) return;
    navigator.locks.request(`${Sending.WRITING}words-${key}`, { ifAvailable: true }, (lock) => lock && new Promise((done) => { release = done; })).catch(() => {});
  }
  const fields = () => [["form_key", key], ["base", ""], ...[...new FormData(form)].filter(([, value]) => typeof value === "string")];
  const hasWords = () => [...form.querySelectorAll("textarea, input:not([type=file], [type=checkbox])")].some((box) => box.value.trim());
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
  form.addEventListener("input", (event) => { if (event.target.name && !timer) timer = setTimeout(keep, SOON); });
  const now = () => { if (timer) keep(); };
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") now(); });
  window.addEventListener("pagehide", now);

  function line(words, wrong = false) {
    const item = document.createElement("li");
    item.textContent = words;
    if (wrong) item.className = "mistake";
    list.append(item);
  }
  files.addEventListener("change", async () => {
    const chosen = [...files.files];
    files.value = "";
    for (const file of chosen) {
      if (!file.size) { line(`“${file.name}” is empty. Choose another file.`, true); continue; }
      if (file.size > Number(files.dataset.limit)) { line(`“${file.name}” is ${size(file.size)}, and one file may be ${size(Number(files.dataset.limit))}. Make it smaller, or say where the original is kept.`, true); continue; }
      if (!(await Keeping.hasRoom(file.size))) { line(`There is no room on this phone to keep “${file.name}” (${size(file.size)}) until there is signal. Nothing of it was kept. Free some room first.`, true); continue; }
      const held = isPhoto(file) && !document.getElementById("as_they_are").checked;
      try {
        const about = { name: file.name, form_key: key, title: title(), drafts: home.drafts, remove_comments: false };
        await Keeping.add(home.person, file, about, held ? "held" : "waiting");
        line(`${file.name}, ${size(file.size)}: on this phone${held ? ", held back until you have looked at it" : ""}`);
      } catch (error) {
        line(`“${file.name}” could not be kept on this phone: ${error.message || error}. Choose it again.`, true);
      }
    }
    await keep();
    show();
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!hasWords() && !turn) { say("Write something, or choose a file: then it can be kept."); form.elements.title.focus(); return; }
    if (!(await keep())) return;
    release();
    key = newKey();
    turn = 0;
    form.reset();
    list.replaceChildren();
    await show();
    say("Kept on this phone. It becomes a draft by itself when there is signal.");
    document.getElementById("waiting-title").scrollIntoView({ block: "center" });
    if (sends) Sending.now();
  });

  // What waits is listed with its date and without its words: whoever holds the phone now is not known.
  async function show() {
    const words = await Keeping.words(home.person), kept = await Keeping.list(home.person), box = document.getElementById("waiting_here");
    const keyOf = new Map();
    for (const item of kept) keyOf.set(item.id, (await Keeping.about(item)).form_key);
    const rows = words.filter((item) => item.id !== `words-${key}`).map((item) => {
      const count = [...keyOf.values()].filter((one) => item.id === `words-${one}`).length;
      const state = item.state === "safe" ? "saved as a draft: look at it and submit it" : item.state === "refused" ? "not taken: open the portfolio to see why" : "not sent";
      return `A piece of ${day(item.at)}${count ? ` with ${count} ${count === 1 ? "file" : "files"}` : ""}: ${state}.`;
    });
    const alone = kept.filter((item) => !words.some((one) => one.id === `words-${keyOf.get(item.id)}`) && item.state !== "safe");
    rows.push(...alone.map((item) => `A file of ${day(item.at)}, ${size(item.size)}: not sent.`));
    box.hidden = !rows.length;
    box.querySelector("ul").replaceChildren(...rows.map((row) => Object.assign(document.createElement("li"), { textContent: row })));
  }

  // Sent is only what belongs to the one who is signed in, and that is asked first.
  async function reachable() {
    const signal = document.getElementById("signal");
    let answer;
    try { answer = await fetch("/", { credentials: "same-origin" }); } catch { return; }
    if (!answer.headers.has("X-Portfolio")) return;
    const found = /<body[^>]* data-person="([^"]+)"/.exec(await answer.text());
    if (!found || found[1] !== home.person) { signal.textContent = "There is signal again. What waits here goes when its writer signs in."; return; }
    signal.textContent = "There is signal again: what waits here is being sent. Finish what you write, then open the portfolio.";
    if (sends) Sending.now(); else { sends = true; Sending.begin(home.person); }
  }
  Sending.read(show);
  Sending.listen(show);
  document.getElementById("send_now").addEventListener("click", reachable);
  window.addEventListener("online", reachable);
  window.addEventListener("pageshow", reachable);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") reachable(); });
  await show();
  reachable();
})();

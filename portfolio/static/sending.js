// Sends what waits on this phone, piece by piece, and goes on where it stopped: after a lost signal, a closed tab, an ended
// session. "Safe" is what the server says once it has the whole; until then nothing is removed here.
"use strict";

const Sending = (() => {
  const AGAIN = [2000, 5000, 15000, 60000];
  const listeners = new Set(), readers = new Set(), WRITING = "portfolio-writing-", PRESSED = "portfolio-pressed";
  let person = "", tries = 0, timer = 0, running = false, asked = false;

  class Stop extends Error { constructor(why, sentence) { super(why); this.why = why; this.sentence = sentence || ""; } }
  const tell = async (id) => { const item = id ? await Keeping.get(id) : null; listeners.forEach((listener) => listener(id, item)); };
  const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  async function ask(address, options) {
    let answer;
    try {
      answer = await fetch(address, { credentials: "same-origin", redirect: "error", ...options });
    } catch { throw new Stop("offline"); }
    if (answer.headers.get("X-Portfolio") !== "1") throw new Stop("offline"); // somebody else's network, whatever it says
    if (answer.status === 204) return {};
    const text = await answer.text().catch(() => { throw new Stop("offline"); });
    let said;
    try { said = JSON.parse(text); } catch { throw new Stop("offline"); }
    if (answer.ok) return said;
    if (answer.status === 401) throw new Stop("signed-out", said.sentence);
    if (answer.status === 429 || answer.status === 408 || answer.status >= 500) throw new Stop("busy", said.sentence);
    throw new Stop(answer.status === 422 ? "damaged" : "refused", said.sentence);
  }
  const post = (address, fields) => ask(address, { method: "POST", body: new URLSearchParams(fields) });

  // Words first make or find their draft, by the key of the page that they were written on; sent twice they are there
  // once. Throws as `ask` does; returns what the server says of the draft.
  async function sendWords(item) {
    const about = await Keeping.about(item);
    return post(about.address, [...about.fields, ["turn", String(item.turn)]]);
  }
  // Pages that are open just now send for themselves, in whichever tab they are.
  async function beingWritten() {
    if (!navigator.locks || !navigator.locks.query) return new Set();
    return new Set((await navigator.locks.query()).held.map((lock) => lock.name));
  }
  async function sendLeftWords() {
    const open = await beingWritten();
    for (const item of await Keeping.words(person)) {
      if (["safe", "refused"].includes(item.state) || open.has(WRITING + item.id)) continue;
      try {
        const said = await sendWords(item), about = await Keeping.about(item);
        if (await Keeping.taken(item.id, item.turn)) {
          const words = { title: about.title, edit: said.edit, beside: said.beside, when: item.at };
          await Keeping.write(person, item.id, words, item.turn);
          await Keeping.change(item.id, { state: "safe" });
        }
      } catch (error) {
        if (!(error instanceof Stop)) throw error;
        const gone = error.why === "refused" || error.why === "damaged";
        await Keeping.change(item.id, { state: gone ? "refused" : "waiting", why: error.why, sentence: error.sentence });
        if (!gone) throw error;
      } finally {
        readers.forEach((reader) => reader());
      }
    }
  }
  // A page on which Save or Submit was pressed: where the server's next page says that it was done, nothing is left of it.
  async function forgetPressed() {
    const pressed = sessionStorage.getItem(PRESSED);
    sessionStorage.removeItem(PRESSED);
    if (pressed && new URLSearchParams(location.search).has("done")) { await Keeping.drop(pressed); readers.forEach((reader) => reader()); }
  }
  const pressed = (id) => sessionStorage.setItem(PRESSED, id);

  async function sendOne(item) {
    let about = await Keeping.about(item);
    if (!about.uploads) {
      const draft = await post(about.drafts, { form_key: about.form_key, title: about.title });
      item = await Keeping.change(item.id, {}, { uploads: draft.uploads });
      if (!item) return;
      about = await Keeping.about(item);
    }
    const fields = { key: item.id, name: about.name, size: item.size, chunk_size: item.chunk };
    let told = await post(about.uploads, fields), damaged = 0;
    const address = `${about.uploads}/${told.id}`;
    await Keeping.change(item.id, { state: "sending", address, have: told.have.length, of: told.chunks, why: "", sentence: "" });
    await tell(item.id);
    while (told.state === "sending") {
      const have = new Set(told.have);
      for (let number = 0; number < told.chunks; number++) {
        if (have.has(number)) continue;
        const now = await Keeping.get(item.id);
        if (!now || now.paused) return;
        const bytes = await Keeping.piece(item, number);
        const headers = { "Content-Type": "application/octet-stream", "X-Chunk-SHA256": hex(await crypto.subtle.digest("SHA-256", bytes)) };
        try {
          await ask(`${address}/chunks/${number}`, { method: "POST", body: bytes, headers });
        } catch (stop) {
          if (stop.why !== "damaged" || ++damaged > 20) throw stop;
          number--;
          continue;
        }
        have.add(number);
        await Keeping.change(item.id, { state: "sending", have: have.size, of: told.chunks });
        tries = 0;
        await tell(item.id);
      }
      told = await ask(`${address}/finish${about.remove_comments ? "?remove_comments=yes" : ""}`, { method: "POST" });
    }
    if (told.state === "safe") await Keeping.settle(item.id, { state: "safe" }, { receipt: told.receipt });
    else if (await Keeping.change(item.id, { state: "refused", sentence: told.sentence })) { /* kept until its owner has read why */ }
    await tell(item.id);
  }

  async function sendWhatWaits() {
    try {
      await sendLeftWords();
    } catch (error) {
      if (error.why !== "signed-out") later();
      return;
    }
    for (const item of await Keeping.list(person)) {
      if (item.paused || ["safe", "refused", "held"].includes(item.state)) continue;
      try {
        await sendOne(item);
      } catch (error) {
        const why = error instanceof Stop ? error.why : "stuck";
        const sentence = error.sentence || (why === "stuck" ? String(error.message || error) : "");
        if (why === "refused" || why === "damaged") await Keeping.change(item.id, { state: "refused", sentence });
        else await Keeping.change(item.id, { state: "waiting", why, sentence });
        await tell(item.id);
        if (why === "offline" || why === "busy") { later(); return; }
        if (why === "signed-out") return;
      }
    }
  }
  function later() {
    clearTimeout(timer);
    timer = setTimeout(now, AGAIN[Math.min(tries++, AGAIN.length - 1)]);
  }
  // One tab at a time where the browser can see to that; the server keeps everything once in any case.
  async function now() {
    if (!person) return;
    if (running) { asked = true; return; }
    running = true;
    clearTimeout(timer);
    try {
      const work = () => sendWhatWaits();
      if (navigator.locks) await navigator.locks.request("portfolio-sending", { ifAvailable: true }, (lock) => (lock ? work() : later()));
      else await work();
    } finally {
      running = false;
      if (asked) { asked = false; now(); }
    }
  }
  async function pause(id, paused) {
    await Keeping.change(id, { paused, state: "waiting", why: "" });
    await tell(id);
    if (!paused) now();
  }
  // Its owner wants it no more: here first, then there; what the server cannot hear it gives up by itself.
  async function cancel(id) {
    const item = await Keeping.get(id);
    await Keeping.drop(id);
    await tell(id);
    if (item && item.address && item.state !== "safe") await ask(`${item.address}/cancel`, { method: "POST" }).catch(() => {});
  }
  async function begin(who) {
    person = who;
    await forgetPressed();
    window.addEventListener("online", () => { tries = 0; now(); });
    window.addEventListener("pageshow", now);
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") now(); });
    now();
  }
  const listen = (listener) => listeners.add(listener);
  const read = (reader) => readers.add(reader);
  return { begin, now, pause, cancel, listen, read, sendWords, pressed, WRITING };
})();

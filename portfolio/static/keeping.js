// What waits on this phone until it is safe: encrypted in the browser's own database, with a key that no script can read
// and that is dropped at sign-out. Every record belongs to one person; what is another's is neither sent nor shown.
"use strict";

const Keeping = (() => {
  const CHUNK = 262144, SPARE = 5e6, ARRIVING = 600000;
  let opening = null, left = false;

  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  function open() {
    opening = opening || new Promise((resolve, reject) => {
      const asked = indexedDB.open("portfolio-waiting", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("keys");
        asked.result.createObjectStore("items", { keyPath: "id" });
        asked.result.createObjectStore("pieces");
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => { opening = null; reject(asked.error); };
    });
    return opening;
  }
  // One transaction: what it writes is there as a whole, or not at all.
  async function within(names, mode, work) {
    const transaction = (await open()).transaction(names, mode);
    const over = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    const result = await work(...names.map((name) => transaction.objectStore(name)));
    await over;
    return result;
  }
  const reading = (name, work) => within([name], "readonly", work);
  const writing = (name, work) => within([name], "readwrite", work);

  async function keyOf(person) {
    const known = await reading("keys", (keys) => done(keys.get(person)));
    if (known) return known;
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    // another tab may have been quicker: the first key stays
    return writing("keys", async (keys) => (await done(keys.get(person))) || (await done(keys.put(made, person)), made));
  }
  async function seal(person, bytes) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await keyOf(person), bytes) };
  }
  async function unseal(person, sealed) {
    return crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, await keyOf(person), sealed.data);
  }
  const sealText = (person, value) => seal(person, new TextEncoder().encode(JSON.stringify(value)));
  const unsealText = async (person, sealed) => JSON.parse(new TextDecoder().decode(await unseal(person, sealed)));
  const piecesOf = (id) => IDBKeyRange.bound([id, 0], [id, Infinity]);
  const chunkFor = (size) => CHUNK * (size > 200e6 ? 8 : size > 60e6 ? 4 : 1);

  // Whether there is room for so many bytes, asked before anything is written. Browsers that do not say count as "yes".
  async function hasRoom(size) {
    if (!navigator.storage || !navigator.storage.estimate) return true;
    if (navigator.storage.persist) await navigator.storage.persist().catch(() => false);
    const { quota, usage } = await navigator.storage.estimate();
    return !quota || quota - usage > size * 1.05 + SPARE;
  }

  // Keep a file: an item that is arriving, its pieces, and only then an item that waits, or that is held back until its
  // owner has looked at it. `about`: name, where it goes.
  async function add(person, file, about, state = "waiting") {
    const item = {
      id: crypto.randomUUID(), person, at: Date.now(), size: file.size, chunk: chunkFor(file.size), state: "arriving",
      about: await sealText(person, about),
    };
    try {
      await writing("items", (items) => done(items.put(item)));
      for (let number = 0; number * item.chunk < file.size; number++) {
        const bytes = await file.slice(number * item.chunk, (number + 1) * item.chunk).arrayBuffer();
        const piece = await seal(person, bytes);
        await writing("pieces", (pieces) => done(pieces.put(piece, [item.id, number])));
      }
      return await change(item.id, { state });
    } catch (error) {
      await drop(item.id);
      throw error;
    }
  }
  async function piece(item, number) {
    const sealed = await reading("pieces", (pieces) => done(pieces.get([item.id, number])));
    if (!sealed) throw new Error("a piece of this file is missing on this phone");
    return unseal(item.person, sealed);
  }
  // The whole file again, as its owner gave it: to look at what is held back.
  async function whole(item) {
    const parts = [];
    for (let number = 0; number * item.chunk < item.size; number++) parts.push(await piece(item, number));
    return new Blob(parts);
  }
  // Everything of this person; not what another tab is taking in just now.
  async function list(person) {
    const all = await reading("items", (items) => done(items.getAll()));
    return all.filter((item) => item.person === person && !item.kind && item.state !== "arriving").sort((a, b) => a.at - b.at);
  }

  // Words that somebody wrote and that no server has yet: one record for each page that they were written on. `turn` is
  // the page's own count, so that an older one never takes the place of a newer.
  async function write(person, id, about, turn) {
    const sealed = await sealText(person, about);
    return writing("items", async (items) => {
      const before = await done(items.get(id));
      if (left || (before && before.turn > turn)) return before;
      const item = { id, person, kind: "words", at: before ? before.at : Date.now(), state: "waiting", turn, about: sealed };
      await done(items.put(item));
      return item;
    });
  }
  async function words(person) {
    const all = await reading("items", (items) => done(items.getAll()));
    return all.filter((item) => item.person === person && item.kind === "words").sort((a, b) => a.at - b.at);
  }
  // The server has them up to this turn. What was written since then stays. Returns whether it was all.
  const taken = (id, turn) => writing("items", async (items) => {
    const item = await done(items.get(id));
    if (!item || item.turn > turn) return false;
    await done(items.delete(id));
    return true;
  });
  // What the page that opens without signal needs: where new pieces of this person go, whom to turn to, which names may
  // stand there. One record, encrypted as everything here; nothing is put back once they have signed out.
  const remember = async (person, about) => {
    const sealed = await sealText(person, about);
    await writing("items", async (items) => { if (!left) await done(items.put({ id: "home", kind: "home", person, at: Date.now(), about: sealed })); });
  };
  // Who used this phone last and did not sign out; nobody, if they did.
  async function home() {
    const item = await reading("items", (items) => done(items.get("home")));
    return item ? { person: item.person, ...(await unsealText(item.person, item.about)) } : null;
  }
  // What a page that was closed had not taken in whole is no use to anybody: its bytes go, and its owner is told.
  async function tidy(person) {
    for (const item of await reading("items", (items) => done(items.getAll()))) {
      if (item.person !== person || item.state !== "arriving" || Date.now() - item.at < ARRIVING) continue;
      await settle(item.id, { state: "refused", sentence: "The page was closed before this phone had the whole file. Choose it again." });
    }
  }
  const about = (item) => unsealText(item.person, item.about);
  const get = (id) => reading("items", (items) => done(items.get(id)));
  // Change an item that is still there; what was cancelled meanwhile stays away.
  async function change(id, values, more) {
    const item = await get(id);
    if (!item) return null;
    const sealed = more ? await sealText(item.person, { ...(await about(item)), ...more }) : null;
    return writing("items", async (items) => {
      const now = await done(items.get(id));
      if (!now) return null;
      const next = { ...now, ...values, ...(sealed ? { about: sealed } : {}) };
      await done(items.put(next));
      return next;
    });
  }
  // It is safe elsewhere: the bytes go at once, what it was called and its receipt stay until the page has shown them.
  async function settle(id, values, more) {
    const item = await change(id, values, more);
    await writing("pieces", (pieces) => done(pieces.delete(piecesOf(id))));
    return item;
  }
  const drop = (id) => within(["items", "pieces"], "readwrite", async (items, pieces) => {
    await done(items.delete(id));
    await done(pieces.delete(piecesOf(id)));
  });
  // At sign-out: everything of this person, and the key with it.
  async function forget(person) {
    left = true;
    for (const item of await reading("items", (items) => done(items.getAll()))) if (item.person === person) await drop(item.id);
    await writing("keys", (keys) => done(keys.delete(person)));
  }
  const usable = () => Boolean(window.indexedDB && window.crypto && crypto.subtle && crypto.randomUUID && Blob.prototype.arrayBuffer);

  return { add, piece, whole, list, write, words, taken, remember, home, tidy, about, get, change, settle, drop, forget, hasRoom, usable };
})();

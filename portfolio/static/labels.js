// "Who is who": a person's own list of names and the labels that stand for them. It stays in this browser, encrypted with
// a key that no script can read out, one list for each person who signs in here; it is never part of a request. Signing
// out keeps it: "Forget this list" is what takes it away. When a listed name is typed, the page offers its label.
"use strict";

const Labels = (() => {
  const KINDS = ["Child", "Adult", "Colleague", "Family member", "Place"], LETTERED = new Set(["Child", "Adult"]), MOST = 60, PAUSE = 350;
  // first names that are words too: only with a capital, and not where a capital says nothing
  const WORDS_TOO = new Set("will may mark rose grace hope joy faith art bill rich guy dean frank sue pat rob drew chase summer april june august autumn ivy iris dawn eve penny ray jack max miles reed van lane wood bird fox day king young long short small brown black white green gray grey stone field hill marsh church bishop cook baker mason moss".split(" "));
  const SMALL = new Set("de da di du del der den van von bin ibn al el la le mr mrs ms miss mx dr sir and of the st".split(" "));
  const person = () => document.body.dataset.writer || document.body.dataset.person || "";
  let list = [], opening = null, ready = null, timer = 0;
  const letGo = new Set(); // "field: name" that the writer chose to send as they are; gone with the page

  // The list on the phone.
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  function database() {
    opening = opening || new Promise((resolve, reject) => {
      const asked = indexedDB.open("portfolio-labels", 1);
      asked.onupgradeneeded = () => { asked.result.createObjectStore("keys"); asked.result.createObjectStore("lists"); };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => { opening = null; reject(asked.error); };
    });
    return opening;
  }
  async function within(name, mode, work) {
    const transaction = (await database()).transaction([name], mode);
    const over = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    const result = await work(transaction.objectStore(name));
    await over;
    return result;
  }
  async function keyOf(who) {
    const known = await within("keys", "readonly", (keys) => done(keys.get(who)));
    if (known) return known;
    const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    // another tab may have been quicker: the first key stays
    return within("keys", "readwrite", async (keys) => (await done(keys.get(who))) || (await done(keys.put(made, who)), made));
  }
  async function read(who) {
    const sealed = await within("lists", "readonly", (lists) => done(lists.get(who)));
    if (!sealed) return [];
    const data = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, await keyOf(who), sealed.data);
    return JSON.parse(new TextDecoder().decode(data));
  }
  async function write(who, next) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await keyOf(who), new TextEncoder().encode(JSON.stringify(next)));
    await within("lists", "readwrite", (lists) => done(lists.put({ iv, data }, who)));
    list = next;
  }
  // One change at a time, on what is stored now: another tab may have added somebody.
  const alone = (work) => (navigator.locks ? navigator.locks.request("portfolio-labels", work) : work());
  const change = (make) => alone(async () => write(person(), make(await read(person()))));
  const forget = () => alone(async () => {
    await within("lists", "readwrite", (lists) => done(lists.delete(person())));
    await within("keys", "readwrite", (keys) => done(keys.delete(person())));
    list = [];
  });
  const usable = () => Boolean(person() && window.indexedDB && window.crypto && crypto.subtle && String.prototype.normalize);

  // Where listed names stand in a text: whole words, case and accents aside, the first name alone, with or without 's.
  const FOLDS = { "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "’": "'", "‘": "'", "`": "'", "´": "'", "‐": "-", "‑": "-" };
  function folded(text) {
    let plain = "";
    const at = []; // for each sign of `plain`, where it stands in the text
    for (let i = 0; i < text.length; i++) {
      const low = text[i].toLowerCase(), bare = FOLDS[low] || low.normalize("NFD").replace(/\p{M}/gu, "") || "";
      for (const sign of FOLDS[bare] || bare) { plain += /\s/.test(sign) ? " " : sign; at.push(i); }
    }
    at.push(text.length);
    return { plain, at };
  }
  const fold = (text) => folded(text).plain.trim().replace(/ +/g, " ");
  function forms(entry) {
    const whole = fold(entry.name), parts = whole.split(" ").filter((part) => part.length > 1 && !SMALL.has(part));
    return [...new Set([whole, ...parts])].filter(Boolean).map((form) => ({ form, entry, isWhole: form === whole && whole.includes(" ") }));
  }
  function find(text, entries = list) {
    const { plain, at } = folded(text), found = [];
    const asked = entries.flatMap(forms).sort((a, b) => b.form.length - a.form.length);
    for (const { form, entry, isWhole } of asked) {
      const looked = new RegExp(`(?<![\\p{L}\\p{N}])(${form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ /g, " +")})('s|s'|'|s)?(?![\\p{L}\\p{N}])`, "gu");
      for (const match of plain.matchAll(looked)) {
        const start = at[match.index], end = at[match.index + match[0].length];
        const name = text.slice(start, at[match.index + match[1].length]), tail = match[2] || "";
        const capital = name[0] !== name[0].toLowerCase();
        if (!isWhole && WORDS_TOO.has(form) && !(capital && !begins(text, start))) continue;
        if (tail === "s" && !capital) continue; // "marks" is no name
        const clash = found.find((other) => start < other.end && other.start < end);
        if (clash) {
          if (clash.start === start && clash.end === end && !clash.labels.includes(entry.label)) clash.labels.push(entry.label);
          continue;
        }
        found.push({ start, end, words: name, labels: [entry.label], tail: /s/.test(tail) ? "’s" : tail });
      }
    }
    return found.sort((a, b) => a.start - b.start);
  }
  const begins = (text, start) => /(?:^|[.!?:\n]\s*["“‘']?)$/.test(text.slice(0, start).replace(/[ \t]+$/, ""));

  // The offer below a field.
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  function button(words, className, act) {
    const element = make("button", { type: "button", class: className }, words);
    element.addEventListener("click", act);
    return element;
  }
  const fieldsOf = (form) => [...form.elements].filter((field) => field.matches("[data-checked]"));
  function placeOf(field) {
    const there = document.querySelector(`[data-labels-for="${CSS.escape(field.id)}"]`);
    if (there) return there;
    const place = make("div", { class: "labels", "data-labels-for": field.id, role: "status" });
    field.after(place);
    return place;
  }
  // Typed as if by hand, so that Ctrl+Z takes it back: all places of these words at once.
  function writeIn(field, places, label) {
    const text = field.value, from = places[0].start, to = places[places.length - 1].end;
    let words = "", position = from;
    for (const place of places) { words += text.slice(position, place.start) + label + place.tail; position = place.end; }
    field.focus();
    field.setSelectionRange(from, to);
    if (!document.execCommand("insertText", false, words)) {
      field.setRangeText(words, from, to, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  function look(field) {
    if (!field.isConnected || !field.id) return;
    const place = placeOf(field), groups = new Map();
    for (const one of find(field.value)) {
      for (const label of one.labels) {
        const key = `${fold(one.words)}|${label}`;
        groups.set(key, [...(groups.get(key) || []), one]);
      }
    }
    const shown = [...groups].slice(0, 4).map(([key, places]) => [key.slice(key.lastIndexOf("|") + 1), places]);
    const now = JSON.stringify(shown.map(([label, places]) => [label, places.map((one) => one.words)]));
    if (place.dataset.now !== now) {
      place.dataset.now = now;
      place.replaceChildren(...shown.map(([label, places]) => button(`Write ‘${label}’ instead of ‘${places[0].words}’${places.length > 1 ? ` (${places.length} times)` : ""}`, "btn alt small", () => {
        const fresh = find(field.value).filter((one) => one.labels.includes(label) && fold(one.words) === fold(places[0].words));
        if (fresh.length) writeIn(field, fresh, label);
        look(field);
      })));
    }
  }
  const lookAtAll = () => document.querySelectorAll("[data-checked]").forEach((field) => { if (field.value || document.querySelector(`[data-labels-for="${CSS.escape(field.id)}"]`)) look(field); });

  // The list itself, in a part of the form that is never sent: its boxes have no name.
  function suggested(kind) {
    for (let n = 0; ; n++) {
      const label = LETTERED.has(kind) && n < 26 ? `${kind} ${String.fromCharCode(65 + n)}` : `${kind} ${n + 1}`;
      if (!list.some((entry) => fold(entry.label) === fold(label))) return label;
    }
  }
  function box(id, label, value, hint) {
    const input = make("input", { id, autocomplete: "off", autocapitalize: "words", spellcheck: "false", maxlength: "100", "data-own": "" });
    input.value = value;
    const parts = [make("label", { for: id }, label)];
    if (hint) { parts.push(make("p", { class: "hint", id: `${id}-hint` }, hint)); input.setAttribute("aria-describedby", `${id}-hint`); }
    return { input, field: make("div", { class: "field" }, ...parts, input) };
  }
  function wrong(name, label, index) {
    if (!fold(name)) return "Enter the name that you do not want to write.";
    if (!fold(label)) return "Enter the label to write instead, for example Child A.";
    if (fold(label).split(" ").some((word) => forms({ name }).some((one) => one.form === word))) return "The label has the name in it. Choose one that tells nobody who it is.";
    const same = list.findIndex((entry) => fold(entry.name) === fold(name));
    if (same >= 0 && same !== index) return `This name is on the list already, as ${list[same].label}.`;
    const taken = list.findIndex((entry) => fold(entry.label) === fold(label));
    if (taken >= 0 && taken !== index) return `${list[taken].label} is somebody else on this list. Choose another label.`;
    return list.length >= MOST && index < 0 ? `The list holds ${MOST} people. Take out those you do not write about any more.` : "";
  }
  function draw(part, edited = -1) {
    const body = part.querySelector(".labels-body"), said = part.querySelector(".labels-said");
    const after = async (words, focus) => {
      ready = Promise.resolve();
      draw(part);
      said.textContent = words;
      lookAtAll();
      const target = part.querySelector(focus) || part.querySelector("[data-add] input");
      if (target) target.focus();
    };
    const fail = () => { said.textContent = "This browser could not keep the list. Private windows and full phones cannot."; };
    const items = list.map((entry, index) => {
      if (index === edited) return form(part, entry, index, after, fail);
      const item = make("li", { class: "row" }, make("span", { class: "grow" }, make("b", {}, entry.label), " is ", entry.name));
      const edit = button("Change", "btn alt small", () => { draw(part, index); part.querySelector("#labels-edit-name").focus(); });
      edit.append(make("span", { class: "hidden" }, ` ${entry.label}`));
      const remove = button("Take out", "btn alt small", () => change((now) => now.filter((one) => one.label !== entry.label)).then(() => after(`${entry.label} is off the list.`, "#labels-name"), fail));
      remove.append(make("span", { class: "hidden" }, ` ${entry.label}`));
      item.append(edit, remove);
      return item;
    });
    const parts = [];
    if (items.length) parts.push(make("ul", { class: "plain" }, ...items));
    else parts.push(make("p", {}, "Nobody is on the list yet. Enter a name once, and the page offers the label whenever you type it."));
    if (edited < 0) parts.push(form(part, null, -1, after, fail));
    if (list.length) parts.push(forgetting(part, after, fail));
    body.replaceChildren(...parts);
    part.querySelector(".labels-count").textContent = list.length ? ` · ${list.length}` : "";
  }
  function form(part, entry, index, after, fail) {
    const id = entry ? "labels-edit" : "labels";
    const name = box(`${id}-name`, "Name", entry ? entry.name : "", "As you would type it: first name, or both");
    const label = box(`${id}-label`, "Write instead", entry ? entry.label : suggested(KINDS[0]), "");
    const mistake = make("p", { class: "mistake", id: `${id}-mistake`, role: "alert" });
    const holder = make(entry ? "li" : "div", { "data-add": "" });
    const save = async () => {
      const words = wrong(name.input.value, label.input.value, index);
      mistake.textContent = words;
      if (words) { (words.includes("label") && fold(name.input.value) ? label : name).input.focus(); return; }
      const next = { name: name.input.value.trim().replace(/\s+/g, " "), label: label.input.value.trim().replace(/\s+/g, " ") };
      try {
        await change((now) => (entry ? now.map((one) => (one.label === entry.label ? next : one)) : [...now, next]));
        await after(`${next.label} is on the list.`, "#labels-name");
      } catch { fail(); }
    };
    for (const { input } of [name, label]) {
      input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); event.stopPropagation(); save(); } });
      for (const kind of ["input", "change"]) input.addEventListener(kind, (event) => event.stopPropagation()); // nobody else on the page listens in
    }
    const rows = [mistake, name.field];
    if (!entry) {
      const kind = make("select", { id: "labels-kind", "data-own": "" }, ...KINDS.map((each) => make("option", {}, each)));
      for (const heard of ["input", "change"]) kind.addEventListener(heard, (event) => { event.stopPropagation(); label.input.value = suggested(kind.value); });
      rows.push(make("div", { class: "field" }, make("label", { for: "labels-kind" }, "Who it is"), kind));
    }
    const actions = make("div", { class: "row" }, button(entry ? "Save" : "Add to the list", "btn alt", save));
    if (entry) actions.append(button("Leave it as it was", "btn alt", () => { draw(part); part.querySelector("#labels-name").focus(); }));
    holder.append(...rows, label.field, actions);
    return holder;
  }
  function forgetting(part, after, fail) {
    const holder = make("div", { class: "labels-forget" });
    const ask = button("Forget this list", "btn alt small", () => {
      const yes = button("Yes, forget all of it", "btn danger small", () => forget().then(() => after("The list is gone from this phone.", "#labels-name"), fail));
      const no = button("Keep it", "btn alt small", () => { draw(part); part.querySelector(".labels-forget button").focus(); });
      holder.replaceChildren(make("p", {}, "It cannot be brought back. Your pieces keep their labels."), make("div", { class: "row" }, yes, no));
      yes.focus();
    });
    holder.append(ask);
    return holder;
  }
  function disclosure(form) {
    // without signal nobody knows who holds the phone: labels are offered there, the list itself is not shown
    if (form.querySelector("[data-who-is-who]") || form.hasAttribute("data-kept-here")) return;
    const fields = fieldsOf(form), first = fields[0];
    if (!first) return;
    const card = first.closest("section.card");
    const here = card && form.contains(card) ? null : fields[fields.length - 1].closest(".field");
    const part = make("details", { class: "who-is-who", "data-who-is-who": "" },
      make("summary", {}, "Who is who (stays on this phone)", make("span", { class: "labels-count" })),
      make("p", { class: "quiet" }, "This list stays in this browser, encrypted, also after you sign out; it is never sent. Nobody else who signs in here sees it. If the phone is lost, only the list is lost. On a phone that others use too, forget the list when you are done: whoever can unlock the phone and signs in as you could read it."),
      make("div", { class: "labels-body" }), make("p", { class: "labels-said", role: "status" }));
    if (here) here.after(part); else card.append(part);
    draw(part);
  }

  // Before the form is sent: what still stands there is named once, and then it goes.
  function remaining(form) {
    return fieldsOf(form).flatMap((field) => find(field.value).map((one) => ({ field, ...one }))).filter((one) => !letGo.has(`${one.field.id}: ${fold(one.words)}`));
  }
  function ask(form, left, submitter) {
    const before = form.querySelector("[data-labels-left]");
    const names = [...new Map(left.map((one) => [`${fold(one.words)}|${one.labels[0]}`, one])).values()];
    const lines = names.slice(0, 6).map((one) => make("li", {}, `‘${one.words}’ is ${one.labels.join(" or ")} on your list`, make("span", { class: "quiet" }, `, in “${labelOf(one.field)}”`)));
    const does = form.hasAttribute("data-kept-here") ? ["keep", "Keep"] : ["send", "Send"];
    const on = () => form.requestSubmit(submitter && submitter.isConnected ? submitter : undefined);
    const all = button(`Write the labels, then ${does[0]}`, "btn", () => {
      for (const field of fieldsOf(form)) for (const label of new Set(find(field.value).map((one) => one.labels[0]))) {
        const places = find(field.value).filter((one) => one.labels[0] === label);
        if (places.length) writeIn(field, places, label);
      }
      asked.remove();
      on();
    });
    const as = button(`${does[1]} it as it is`, "btn alt", () => { left.forEach((one) => letGo.add(`${one.field.id}: ${fold(one.words)}`)); asked.remove(); on(); });
    const write = button("Back to writing", "btn alt", () => { asked.remove(); left[0].field.focus(); });
    const asked = make("section", { class: "stop", "data-labels-left": "", "aria-labelledby": "labels-left-title", tabindex: "-1" },
      make("h2", { id: "labels-left-title" }, names.length > 1 ? "Names from your list are still in the text" : "A name from your list is still in the text"),
      make("ul", {}, ...lines), make("div", { class: "actions" }, all, as, write));
    if (before) before.remove();
    form.prepend(asked);
    asked.scrollIntoView({ block: "start" });
    asked.focus({ preventScroll: true });
  }
  function labelOf(field) {
    const label = field.labels && field.labels[0];
    return label ? label.textContent.trim() : "this form";
  }

  function begin() {
    if (!usable()) return;
    ready = ready || read(person()).catch(() => forget().then(() => [])).then((now) => { list = now; });
    ready.then(() => {
      document.querySelectorAll("form").forEach((form) => { if (fieldsOf(form).length) disclosure(form); });
      lookAtAll();
    }, () => {}); // a browser that keeps nothing has no list
  }
  document.addEventListener("input", (event) => {
    if (!list.length || !event.target.matches || !event.target.matches("[data-checked]")) return;
    clearTimeout(timer);
    timer = setTimeout(() => look(event.target), PAUSE);
  });
  // The identity check asks before it offers a role: whoever is on the list has a label already.
  document.addEventListener("portfolio:offer", (event) => { if (list.length && event.detail && find(event.detail.words || "").length) event.preventDefault(); });
  document.addEventListener("htmx:afterSettle", begin);
  document.addEventListener("reset", () => setTimeout(() => { letGo.clear(); lookAtAll(); })); // another piece begins
  // At the window: whoever saves or sends what was typed must not hear of a form that did not go.
  window.addEventListener("submit", (event) => {
    const left = list.length ? remaining(event.target) : [];
    if (!left.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(event.target, left, event.submitter);
  }, true);
  begin();

  return { find, usable };
})();

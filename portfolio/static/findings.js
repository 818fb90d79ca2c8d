// What may identify somebody, shown below the field while it is typed: what to write instead, or why it may stay. It
// warns and never stops anybody; the server asks again when the form is sent. The rules come with identities.js; whose
// names may stand here comes from the portfolio that the page is about.
"use strict";

const Findings = (() => {
  const LOOKS = {"nhs": "looks like an NHS number", "ni": "looks like a National Insurance number", "upn": "looks like a unique pupil number", "phone": "looks like a phone number", "email": "looks like an email address", "postcode": "looks like a postcode", "address": "looks like an address", "birth": "looks like a date of birth", "reference": "looks like a case or reference number", "plate": "looks like a car registration", "initials": "looks like initials with a date", "handle": "looks like a social-media account", "name": "looks like a name", "adult": "looks like a name with a title", "colleague": "looks like a name with the title of a job", "place": "looks like the name of a school or home", "word": "is on the employer’s list of words"};
  const NOT_ALL = "This finds some names and numbers, not all. You decide; read it again yourself.";
  const PAUSE = 450, LONGEST_REASON = 300;
  const fields = new WeakMap();
  let rules = null, known = null, fresh = false, number = 0;

  const same = (words) => words.split(/\s+/).filter(Boolean).join(" ").toLowerCase();
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }
  function button(words, about, act) {
    const made = make("button", { type: "button", class: "btn alt small" }, words, make("span", { class: "hidden" }, ` (${about})`));
    made.addEventListener("click", act);
    return made;
  }

  // Rules are kept by the browser for a year; names are asked for once a page, and again when there is a connection.
  async function fetched() {
    rules = rules || (await (await fetch(document.body.dataset.identities)).json());
    const place = document.querySelector("[data-known]");
    if (fresh) return;
    try {
      const answer = place && (await fetch(place.dataset.known, { headers: { Accept: "application/json" } }));
      if (answer && answer.ok) { known = await answer.json(); fresh = true; }
    } catch { /* no connection: as this phone has them, below */ }
    known = known || (await keptHere(place));
  }
  // What an apprentice's phone keeps for the time without signal (written.js). Where it has nothing, or that of another
  // portfolio, the names of people around the apprentice are asked about until there is a connection.
  async function keptHere(place) {
    if (typeof Keeping !== "object" || !Keeping.usable()) return null;
    const home = await Keeping.home().catch(() => null);
    if (!home || !home.names || home.person !== document.body.dataset.writer) return null;
    return !place || place.dataset.known === home.drafts.replace(/\/evidence\/drafts$/, "/known-names") ? { names: home.names, words: home.words } : null;
  }

  function listFor(field) {
    const there = document.querySelector(`[data-findings-for="${CSS.escape(field.id)}"]`);
    if (there) return there;
    const made = make("div", { class: "findings", "data-findings-for": field.id });
    field.after(made);
    return made;
  }

  // Takes over what the server put below the field: reasons that were typed there stay.
  function begin(field) {
    if (!rules || fields.has(field) || !field.id) return; // until the rules are here the list of the server stands as it is
    const about = { reasons: new Map(), rows: new Map(), count: 0, timer: 0, list: null };
    const there = document.querySelector(`[data-findings-for="${CSS.escape(field.id)}"]`);
    if (there) there.querySelectorAll("[data-found]").forEach((row) => about.reasons.set(same(row.dataset.found), row.querySelector("[name=kept_reason]").value));
    fields.set(field, about);
    look(field);
  }

  function soon(field) {
    const about = fields.get(field);
    if (!about) return begin(field);
    clearTimeout(about.timer);
    about.timer = setTimeout(() => look(field), PAUSE);
  }

  // The same words in one field are one finding. Whoever knows better what to write there says so first: its own list
  // of people wins over what is offered here.
  function found(field) {
    const together = new Map();
    for (const one of Identities.find(field.value, known || { names: [], words: [] }, rules)) {
      const key = same(one.words), detail = { field, start: one.start, end: one.end, words: one.words, label: one.offer, by: "findings" };
      if (!document.dispatchEvent(new CustomEvent("portfolio:offer", { cancelable: true, detail }))) continue;
      if (together.has(key)) together.get(key).places.push(one);
      else together.set(key, { ...one, key, places: [one] });
    }
    return together;
  }

  function look(field) {
    if (!rules || !field.isConnected) return;
    const about = fields.get(field), now = found(field);
    if (!now.size && !about.list && !document.querySelector(`[data-findings-for="${CSS.escape(field.id)}"]`)) return;
    if (!about.list) {
      about.list = listFor(field);
      about.said = make("p", { class: "hidden", role: "status" });
      about.hint = make("p", { class: "hint" }, NOT_ALL);
      about.all = make("ul", { class: "plain" });
      about.list.replaceChildren(about.said, about.hint, about.all);
    }
    for (const [key, row] of about.rows) if (!now.has(key)) { row.element.remove(); about.rows.delete(key); }
    for (const [key, one] of now) {
      if (about.rows.has(key)) about.rows.get(key).one = one;
      else about.rows.set(key, rowFor(field, about, one));
    }
    const shown = [...now.keys()].map((key) => about.rows.get(key).element);
    // moving the row that holds the cursor would lose it
    if (!shown.some((row) => row.contains(document.activeElement))) about.all.append(...shown);
    else about.all.append(...shown.filter((row) => !row.isConnected));
    about.hint.hidden = about.all.hidden = !now.size;
    if (now.size > about.count) about.said.textContent = `${now.size === 1 ? "1 name or number" : `${now.size} names or numbers`} found in ${labelOf(field)}, listed below it.`;
    else if (!now.size && about.count) about.said.textContent = `Nothing is found in ${labelOf(field)} now.`;
    about.count = now.size;
  }
  function labelOf(field) {
    const label = field.labels && field.labels[0];
    return label ? `“${label.textContent.trim()}”` : "this field";
  }

  // What stands there when a button is used: the text may have changed since it was last looked at, and the row that the
  // button belongs to may be gone with the words it was about.
  function rowNow(field, about, row) {
    clearTimeout(about.timer);
    const { key, start } = row.one;
    look(field);
    return about.rows.get(key) || [...about.rows.values()].find(({ one }) => one.places.some((place) => place.start <= start && start < place.end));
  }
  function rowFor(field, about, one) {
    const row = { one }, words = one.words;
    const does = (act) => () => { const now = rowNow(field, about, row); if (now) act(now); else field.focus(); };
    row.keep = () => { if (!keep.hidden) row.element.append(reasonFor(field, about, words)); keep.hidden = true; row.element.querySelector("[name=kept_reason]").focus(); };
    row.element = make("li", { "data-found": words });
    const asked = make("p", {}, make("b", { class: "found-words" }, words), ` ${LOOKS[one.kind] || "may identify somebody"}.`);
    const buttons = make("div", { class: "row" });
    if (one.offer) buttons.append(button(`Use “${one.offer}” instead`, words, does((now) => replace(field, now.one))));
    buttons.append(button("Change it myself", words, does((now) => { field.focus(); field.setSelectionRange(now.one.start, now.one.end); })));
    const keep = button("Keep it", words, does((now) => now.keep()));
    keep.setAttribute("aria-expanded", "false");
    buttons.append(keep);
    row.element.append(asked, buttons);
    if (about.reasons.has(one.key)) { keep.hidden = true; row.element.append(reasonFor(field, about, words)); }
    return row;
  }

  // What goes along with the form: where, which words, and why they may stay.
  function reasonFor(field, about, words) {
    const id = `keep-${field.id}-in-page-${++number}`;
    const why = make("input", { id, name: "kept_reason", maxlength: LONGEST_REASON, autocomplete: "off", "aria-describedby": `${id}-hint` });
    why.value = about.reasons.get(same(words)) || "";
    why.addEventListener("input", () => about.reasons.set(same(words), why.value));
    return make("div", {},
      make("input", { type: "hidden", name: "kept_field", value: field.name }), make("input", { type: "hidden", name: "kept_words", value: words }),
      make("label", { for: id }, "Why it may stay", make("span", { class: "hidden" }, ` (${words})`)), why,
      make("span", { class: "hint", id: `${id}-hint` }, "Whoever reads this sees your reason."));
  }

  // Typed as the person would type it, so that the browser's own undo takes it back; the last place first.
  function replace(field, one) {
    field.focus();
    for (const place of [...one.places].reverse()) {
      field.setSelectionRange(place.start, place.end);
      if (!document.execCommand("insertText", false, one.offer)) {
        field.setRangeText(one.offer, place.start, place.end, "end");
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
    field.dispatchEvent(new Event("change", { bubbles: true }));
    const about = fields.get(field);
    look(field);
    about.said.textContent = `Changed to “${one.offer}”. Undo takes it back.`;
  }

  // Names of files that were chosen: said at once; they can be renamed once they are in the draft.
  function lookAtNames() {
    if (!rules) return;
    document.querySelectorAll("form[data-upload] .picked").forEach((list) => {
      const lines = [...list.querySelectorAll("li.kept .kept-name, li:not(.kept) > span:first-child")].filter((line) => !line.classList.contains("mistake"));
      const told = lines.flatMap((line) => {
        const name = line.textContent.replace(/, [0-9.]+ (KB|MB|bytes)$/, "");
        return Identities.findInName(name, known || { names: [], words: [] }, rules).map((one) => `“${one.words}” in the name “${name}” ${LOOKS[one.kind]}.`);
      });
      let note = document.querySelector('[data-findings-for="chosen-files"]');
      if (!told.length && !note) return;
      if (!note) { note = make("div", { class: "findings", "data-findings-for": "chosen-files", role: "status" }); list.after(note); }
      const all = told.length ? [...new Set(told), "Rename it here once the draft is saved, or choose it again under a name that says nothing about people."] : [];
      if (note.dataset.said === all.join()) return;
      note.dataset.said = all.join();
      note.replaceChildren(...all.map((words) => make("p", {}, words)));
    });
  }
  const watching = new WeakSet();
  const watcher = new MutationObserver(lookAtNames);
  function lookAround() {
    document.querySelectorAll("[data-checked]").forEach(begin);
    document.querySelectorAll("form[data-upload] .picked").forEach((list) => {
      if (watching.has(list)) return;
      watching.add(list);
      watcher.observe(list, { childList: true, subtree: true, characterData: true });
    });
    lookAtNames();
  }
  function again() {
    return fetched().then(() => { document.querySelectorAll("[data-checked]").forEach((field) => { if (fields.has(field)) look(field); }); lookAround(); }, () => {});
  }

  document.addEventListener("input", (event) => { if (event.target.matches("[data-checked]")) soon(event.target); });
  document.addEventListener("focusin", (event) => { if (event.target.matches("[data-checked]")) { if (!rules || !known) again(); else begin(event.target); } });
  document.addEventListener("htmx:afterSettle", lookAround);
  window.addEventListener("online", again);
  // Another piece begins in the same page: nothing of the one before stands there.
  document.addEventListener("reset", (event) => setTimeout(() => [...event.target.elements].filter((field) => fields.has(field)).forEach((field) => { fields.get(field).reasons.clear(); look(field); })));
  // Whatever changes the list of people has the fields looked at again.
  document.addEventListener("portfolio:labels", () => document.querySelectorAll("[data-checked]").forEach(soon));
  again();
  return { look };
})();

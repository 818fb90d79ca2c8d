// "This is not a reporting route": when a text reads like something happening now, or like something about its writer,
// the page says first whom to turn to. Read here and nowhere else: nothing is sent, stored, counted or logged. The rules
// (CARE_RULES, portfolio/care/phrases.json) come in the same file, and the contacts stand in the page: no signal is needed.
"use strict";

const Care = (() => {
  const PAUSE = 1200, LONGEST = 60, QUOTED = /[“"][^”"]{0,400}[”"]|‘[^’]{0,400}’(?![a-z])/g, ENDS = /[.!?;\n]+(?:\s+|$)/;
  const closed = new Set(); // the sentences for which the card was closed; gone with the page
  const made = new Map();
  let timer = 0;

  function pattern(text) {
    if (!made.has(text)) made.set(text, new RegExp(text.replace(/\{([a-z]+)\}/g, (_, name) => CARE_RULES.parts[name])));
    return made.get(text);
  }
  // What is often typed in haste is read as it should be: "dont", "shes", "tonite".
  const spelt = (word) => (Object.hasOwn(CARE_RULES.spelling, word) ? CARE_RULES.spelling[word] : word);
  const plain = (text) => text.replace(/[’‘]/g, "'").toLowerCase().split(/\s+/).filter(Boolean).join(" ").replace(/[a-z0-9'-]+/g, spelt);
  // What goes on without an end is read sixty words at a time.
  function shortened(sentence) {
    const words = sentence.split(/\s+/).filter(Boolean), cut = [];
    for (let at = 0; at < words.length; at += LONGEST) cut.push(words.slice(at, at + LONGEST).join(" "));
    return cut;
  }
  // Each sentence that reads so, with "now" or "self".
  function signs(text) {
    const found = [], whole = plain(text);
    const account = CARE_RULES.acts.some((each) => pattern(each).test(whole)); // what was done about it: weak cues are silent
    for (const one of text.split(ENDS).flatMap(shortened)) {
      const sentence = plain(one), spoken = plain(one.replace(QUOTED, " "));
      if (!sentence) continue;
      const quiet = CARE_RULES.settled.some((each) => pattern(each).test(sentence));
      for (const cue of CARE_RULES.cues) {
        const read = cue.kind === "self" ? spoken : sentence;
        if ((quiet && cue.kind === "now" && !cue.always) || (account && cue.weak)) continue;
        if (pattern(cue.find).test(read) && pattern(cue.and || "").test(read)) found.push({ kind: cue.kind, sentence });
      }
    }
    return found;
  }
  const fieldsOf = (form) => [...form.elements].filter((field) => field.matches("[data-checked]"));
  const open = (form) => signs(fieldsOf(form).map((field) => field.value).join("\n")).filter((one) => !closed.has(one.sentence));

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
  // Whom to turn to, as the page has it already; a page without them says where they stand.
  function contacts() {
    const there = document.querySelector("[data-turn-to]");
    if (there) return [...there.cloneNode(true).childNodes];
    const call = make("a", { href: "tel:999", class: "tap" }, "999");
    return [
      make("p", {}, "In immediate danger, call ", call, " first."),
      make("p", {}, "Otherwise turn to your employer’s safeguarding lead, or to the safeguarding contact of your training provider. Their numbers stand on the About page of the portfolio."),
    ];
  }
  const cardOf = (form) => form.querySelector("[data-care]");
  function draw(form, found, stopped, submitter) {
    const about = found.some((one) => one.kind === "self");
    const title = make("h2", { id: "care-title" }, "If somebody may be at risk now, do not wait for this portfolio");
    const parts = [title];
    if (about) parts.push(make("p", {}, make("b", {}, "If this is about you: "), "what happened to you is not your fault, and you do not have to write about it here. You matter more than a piece of evidence. Talk to one of these people, or to anybody you trust, today. The portfolio can wait."));
    parts.push(make("p", {}, "What you write here reaches nobody who can act at once. These people can:"));
    parts.push(make("div", {}, ...contacts()));
    const close = () => { found.forEach((one) => closed.add(one.sentence)); hide(form); };
    const actions = make("div", { class: "actions" });
    if (stopped) actions.append(button("I have done what is needed: go on", "btn", () => { close(); form.requestSubmit(submitter && submitter.isConnected ? submitter : undefined); }));
    actions.append(button("Close, and go back to writing", "btn alt", () => { close(); back(form); }));
    parts.push(actions, make("p", { class: "quiet" }, "Only this page has looked at your words. Nothing was sent or kept of it, and it can be wrong both ways."));
    const card = cardOf(form) || make("section", { "data-care": "", class: "stop care", "aria-labelledby": "care-title", tabindex: "-1" });
    card.replaceChildren(...parts);
    if (!card.isConnected) form.prepend(card);
    return card;
  }
  let last = null;
  function back(form) {
    const field = last && form.contains(last) ? last : fieldsOf(form)[0];
    if (field) field.focus();
  }
  function goTo(card) { card.scrollIntoView({ block: "start" }); card.focus({ preventScroll: true }); }
  function hide(form) {
    const card = cardOf(form);
    if (card) card.remove();
    document.querySelectorAll("[data-care-line]").forEach((line) => { line.replaceChildren(); line.hidden = true; });
  }
  // While somebody types, the card comes to the top of the form and takes nothing away from them: a line below the field
  // says so and leads there.
  function look(field) {
    const form = field.form;
    if (!form) return;
    const found = open(form);
    if (!found.length) return hide(form);
    const card = draw(form, found, false, null);
    const line = lineFor(field);
    if (!line.hidden) return;
    line.replaceChildren("If somebody may be at risk now, do not wait for this portfolio. ", button("Whom to call", "link", () => goTo(card)));
    line.hidden = false;
  }
  function lineFor(field) {
    const place = field.closest(".field") || field.parentElement;
    const there = place.querySelector("[data-care-line]");
    if (there) return there;
    const line = make("p", { "data-care-line": "", class: "warn care-line", role: "status", hidden: "" });
    place.append(line);
    return line;
  }
  function begin(field) {
    lineFor(field); // there before it speaks, so that a screen reader hears it
    last = field;
  }

  document.addEventListener("focusin", (event) => { if (event.target.matches("[data-checked]")) begin(event.target); });
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches || !field.matches("[data-checked]")) return;
    clearTimeout(timer);
    timer = setTimeout(() => look(field), PAUSE);
  });
  // Before anybody else hears that the form is sent: at the window, since the page saves what it hears of.
  window.addEventListener("submit", (event) => {
    const form = event.target, found = fieldsOf(form).length ? open(form) : [];
    if (!found.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    goTo(draw(form, found, true, event.submitter));
  }, true);
  document.addEventListener("reset", (event) => { closed.clear(); hide(event.target); }); // another piece begins
  if (document.activeElement && document.activeElement.matches("[data-checked]")) {
    begin(document.activeElement);
    if (document.activeElement.value) look(document.activeElement);
  }

  return { signs };
})();

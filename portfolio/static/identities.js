// What in a text may identify somebody: the same rules as portfolio/identities, for the page and without a connection.
// Identities.find(text, known, rules): known is {names: [...], words: [...]}, rules is the file identities.json.
"use strict";

const Identities = (() => {
  const DIGITS = "0123456789", BEFORE = 60, AFTER = 40, LONGEST_NAME = 4;
  const PRIORITY = ["word", "nhs", "ni", "upn", "phone", "email", "birth", "initials", "plate", "postcode", "handle", "reference", "address", "place", "colleague", "adult", "name"];
  const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
  const SMALL_WORDS = new Set("a an and as at but by for from in into of on or the to with".split(" "));
  const made = new WeakMap();
  let data = null; // the compiled rules of this call


  function compile(rules) {
    if (made.has(rules)) return made.get(rules);
    const plain = new Map(), flags = new Map(), lists = new Map();
    for (const [letter, letters] of Object.entries(rules.letters)) for (const each of letters) plain.set(each, letter);
    for (const [flag, packed] of Object.entries(rules.words)) for (const word of unpacked(packed)) flags.set(word, (flags.get(word) || "") + flag);
    const titles = new Map(), places = [];
    for (const [kind, text] of Object.entries(rules.titles)) text.split(" ").forEach((word) => titles.set(word, kind));
    for (const [offer, text] of Object.entries(rules.places)) text.split("|").forEach((words) => places.push({ words, parts: words.split(" "), offer }));
    const shapes = rules.shapes.map((each) => ({
      kind: each.kind, typed: each.typed, needs: each.needs || [], check: CHECKS[each.check || ""],
      pattern: new RegExp((each.lead ? `(?:${fill(each.lead, rules)})` : "") + `(${fill(each.find, rules)})(?![A-Za-z0-9])`, "gu"),
    }));
    const found = { rules, plain, flags, lists, titles, places, shapes };
    found.byWords = [...places].sort((a, b) => b.parts.length - a.parts.length);
    found.byLength = [...places].sort((a, b) => b.words.length - a.words.length);
    found.lastPlaceWords = new Set(places.map((place) => place.parts[place.parts.length - 1]));
    made.set(rules, found);
    return found;
  }
  function unpacked(packed) {
    const found = [];
    let before = "";
    for (const part of packed.match(/[A-Z][^A-Z]*/g) || []) {
      before = before.slice(0, part.charCodeAt(0) - 65) + part.slice(1);
      found.push(before);
    }
    return found;
  }
  function fill(pattern, rules) {
    while (pattern.replace(/\{[0-9,]+\}/g, "").includes("{")) for (const [name, part] of Object.entries(rules.parts)) pattern = pattern.split(`{${name}}`).join(part);
    return pattern;
  }
  function listed(name) {
    if (!data.lists.has(name)) data.lists.set(name, new Set(data.rules[name].split(" ")));
    return data.lists.get(name);
  }
  const within = (name, word) => listed(name).has(word);
  const endsWithOne = (word, name) => [...listed(name)].some((ending) => word.endsWith(ending));


  const plainOf = (text) => (/^[\n -_a-~]*$/.test(text) ? text : Array.from(text, plainLetter).join(""));
  function plainLetter(c) {
    if (data.plain.has(c)) return data.plain.get(c);
    const first = c.normalize("NFD")[0];
    return /[A-Za-z]/.test(first) ? first : c.length > 1 ? "\ufffd" : c;
  }
  const lower = (text) => text.replace(/[A-Z]/g, (c) => c.toLowerCase());
  const isLetterOrDigit = (c) => /^[A-Za-z0-9]$/.test(c);
  const hasCapital = (text) => /[A-Z]/.test(text);
  const capitalFirst = (word) => /^[A-Z]/.test(word);
  const whole = (pattern) => new RegExp(`^(?:${pattern})$`, "u");


  function byShape(plain) {
    const low = lower(plain), found = [];
    for (const shape of data.shapes) {
      if (shape.needs.length && !shape.needs.some((part) => low.includes(part))) continue;
      const searched = shape.typed ? plain : low;
      let position = 0;
      for (;;) {
        shape.pattern.lastIndex = position;
        const taken = shape.pattern.exec(searched);
        if (!taken) break;
        const end = taken.index + taken[0].length, start = end - taken[1].length;
        position = taken.index + 1;
        if (taken.index && isLetterOrDigit(low[taken.index - 1])) continue;
        const match = {
          low: low.slice(start, end), typed: plain.slice(start, end), lead: low.slice(taken.index, start),
          before: low.slice(Math.max(0, start - BEFORE), start), after: low.slice(end, end + AFTER),
        };
        if (shape.check(match)) { found.push({ kind: shape.kind, start, end }); position = end; }
      }
    }
    return found;
  }
  const digits = (text) => text.replace(/[^0-9ol]/g, "").replace(/o/g, "0").replace(/l/g, "1");
  const onlyDigits = (text) => text.replace(/[^0-9]/g, "");
  const isDayFirst = (low) => /^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$/.test(low);
  const isDate = (low) => whole(fill("{NUMERIC}", data.rules)).test(low) || isDayFirst(low);
  const isYear = (low) => /^(?:[a-z]{1,10}[ -])?(?:19|20)[0-9]{2}(?:[/-](?:[0-9]{2}|20[0-9]{2}))?$/.test(low);
  const CHECKS = {
    "": () => true,
    nhs(match) {
      const number = digits(match.low);
      let total = 0;
      for (let i = 0; i < 9; i++) total += Number(number[i]) * (10 - i);
      const rest = 11 - (total % 11);
      return rest !== 10 && Number(number[9]) === rest % 11;
    },
    upn(match) {
      const text = match.low.replace(/ /g, ""), letters = "abcdefghjklmnpqrtuvwxyz", last = text[text.length - 1];
      if (!DIGITS.includes(last)) return letters.includes(last);
      let total = 0;
      for (let i = 1; i < 13; i++) total += Number(text[i]) * (i + 1);
      return letters[total % 23] === text[0];
    },
    phone: (match) => [10, 11].includes(digits(match.low).length),
    phone_asked(match) {
      const count = digits(match.low).length;
      return count >= 6 && count <= 12 && !isDate(match.low);
    },
    postcode(match) {
      const inward = match.typed.slice(-3), small = inward === lower(inward);
      if ("oO".includes(inward[0]) && (match.typed !== match.typed.toUpperCase() || inward[0] !== "O")) return false;
      if (small && hasCapital(match.typed.slice(0, -3))) return false;
      return !(small && ["st", "nd", "rd", "th", "hr", "ft"].includes(inward.slice(1)));
    },
    address(match) {
      const parts = match.typed.match(/[A-Za-z'.-]{2,}/g), last = parts[parts.length - 1], street = lower(last);
      const middle = parts.slice(0, -1).filter((part) => !["flat", "apartment", "apt", "unit", "number", "no."].includes(lower(part)));
      if (!middle.length) return false;
      const strong = within("strong_streets", street);
      if ([...middle, last].every(capitalFirst)) {
        return strong || middle.some((part) => !isOrdinary(lower(part))) || /(?:at|address|lives?|lived|living|home|house|from|near|visit|visited)[ :,]{1,3}$/.test(match.before);
      }
      return strong && !middle.some((part) => within("not_streets", lower(part)));
    },
    street(match) {
      const parts = match.typed.replace(/\./g, "").split(" ");
      return parts.every(capitalFirst) && (!isOrdinary(lower(parts[0])) || parts.length > 2 || parts[0] === "Station");
    },
    birth(match) {
      if (!/(?:19|20)[0-9]{2}|[./-] ?[0-9]{2}$/.test(match.low)) return false;
      return new RegExp(`[^a-z]${data.rules.birth}[^a-z]`, "u").test(` ${match.before} | ${match.after} `);
    },
    reference(match) {
      const said = /(?:no|num|number|ref|reference|urn|id|log|cad|crime|incident)s?\.?[ :#.=-]{0,4}$/.test(match.lead);
      if (onlyDigits(match.low).length < (said ? 3 : 4)) return false;
      return !isDate(match.low) && !isYear(match.low) && !/^[0-9]{1,2}(?:st|nd|rd|th)/.test(match.low);
    },
    loose(match) {
      if (isDate(match.low) || isYear(match.low) || ["£", "$", "/", "_", ".", ","].includes(match.before.slice(-1))) return false;
      return onlyDigits(match.low).length >= 4 && !["/", "%"].includes(match.after.slice(0, 1));
    },
    plate(match) {
      if ((match.low.match(/[a-z]{3}/g) || []).some((word) => within("not_plates", word))) return false;
      if (new RegExp(`[^a-z]${data.rules.car}[^a-z]`, "u").test(` ${match.before} | ${match.after} `)) return true;
      if (match.typed !== match.typed.toUpperCase()) return false;
      if (/^[a-z]{2}[0-9]{2} ?[a-z]{3}/.test(match.low)) return true;
      const count = onlyDigits(match.low).length;
      return "ksbd".includes(match.low[0]) && /^[a-z][0-9]/.test(match.low) ? count === 3 : count >= 2;
    },
    initials(match) {
      const found = match.typed.match(/[A-Z]\.? ?[A-Z]/);
      if (!found) return false;
      const beside = /^[^A-Z]*[A-Z]\.? ?[A-Z]\.?$/.test(match.typed) || /^[A-Z]\.? ?[A-Z]/.test(match.typed);
      return beside && (found[0].includes(".") || !within("not_initials", lower(found[0].replace(/[^A-Z]/g, ""))));
    },
    handle: (match) => /[a-z]{2}/.test(match.low) && /[0-9_]/.test(match.low) && !/^(?:[0-9.]{1,5}(?:am|pm|st|nd|rd|th)|[a-z]?[0-9]{1,2}[a-z]?)$/.test(match.low),
  };
  const isOrdinary = (low) => (data.flags.get(low) || "").includes("O");


  function flagsOf(low, capitals) {
    if (low.length === 1) return "I";
    if (data.flags.has(low)) {
      const found = data.flags.get(low);
      return capitals && low.length < 4 && !found.includes("L") ? "O" : found;
    }
    if (capitals && low.length < 7) return "O";
    if (low.includes("-")) {
      const parts = low.split("-").map((part) => flagsOf(part, false));
      if (has(parts[0], "FD")) return parts[0];
      return parts.some((part) => part.includes("L")) ? "L" : parts.some((part) => part.includes("O")) ? "O" : "U";
    }
    const one = (low.endsWith("s") && data.flags.get(low.slice(0, -1))) || "";
    if (/^(?:mc|o'|d')[a-z]{3}/.test(low) || one.includes("L")) return "L";
    return one.includes("O") || (low.length > 6 && endsWithOne(low, "ordinary_ends")) ? "S" : "U";
  }
  const has = (flags, wanted) => [...wanted].some((flag) => flags.includes(flag));
  function wordsOf(plain, hidden) {
    const headings = headingsOf(plain), found = [], pattern = /[A-Za-z\u0300-\u036f]+(?:['-][A-Za-z\u0300-\u036f]+)*/g;
    let before = 0;
    for (let match = pattern.exec(plain); match; match = pattern.exec(plain)) {
      const start = match.index, gap = plain.slice(before, start), last = found[found.length - 1];
      let end = start + match[0].length, typed = match[0].replace(/[\u0300-\u036f]/g, "");
      before = end;
      if ((start && (DIGITS + "_").includes(plain[start - 1])) || (end < plain.length && (DIGITS + "_").includes(plain[end]))) continue;
      if (hidden.some(([a, b]) => a < end && start < b)) continue;
      const owner = /'[sS]$/.test(typed);
      if (owner) { typed = typed.slice(0, -2); end -= 2; }
      const low = lower(typed), capitals = typed.length > 1 && typed === typed.toUpperCase();
      const bare = typed.replace(/^(?:Mc|Mac|Fitz|De|La|Le)/, "");
      found.push({
        start, end, low, owner, gap, capitals,
        capital: capitalFirst(typed) || /^[a-z]{1,2}'[A-Z]/.test(typed),
        begins: (beginsSentence(plain, start) || plain[start - 1] === '"') && !(gap === ". " && last && last.flags === "I" && last.capital),
        joined: (gap === " " || gap === "  ") && found.length > 0 && !last.owner,
        heading: headings.some(([a, b]) => a <= start && start < b),
        mixed: !capitals && /[a-z][A-Z]/.test(bare),
        flags: /^[A-Z]{2,6}s$/.test(typed) ? "O" : flagsOf(low, capitals),
      });
    }
    return found;
  }
  function beginsSentence(plain, start) {
    let position = start - 1;
    while (position >= 0 && " \"'([*-".includes(plain[position])) position--;
    return position < 0 || ".!?:\n".includes(plain[position]);
  }
  function headingsOf(plain) {
    const found = [];
    let position = 0;
    for (const line of plain.split("\n")) {
      let large = 0, small = 0;
      for (const word of line.match(/[A-Za-z'-]+/g) || []) {
        if (capitalFirst(word)) large++;
        else if (!SMALL_WORDS.has(lower(word))) small++;
      }
      if (large >= 3 && large <= 14 && small === 0 && !/[.!?] *$/.test(line)) found.push([position, position + line.length]);
      position += line.length + 1;
    }
    return found;
  }


  function byName(plain, people) {
    const low = lower(plain), words = wordsOf(plain, hiddenIn(low)), found = [...titled(words), ...placesIn(words)];
    found.push(...firstLook(words, takenBy(found)));
    found.push(...secondLook(words, found));
    return found.filter((each) => !isKnown(each, low, people));
  }
  function takenBy(found) {
    const taken = new Set();
    for (const each of found) for (let i = each.start; i < each.end; i++) taken.add(i);
    return taken;
  }
  function hiddenIn(low) {
    const found = [];
    for (const phrase of data.rules.phrases) for (let at = low.indexOf(phrase); at >= 0; at = low.indexOf(phrase, at + 1)) found.push([at, at + phrase.length]);
    return found;
  }
  function isKnown(found, low, people) {
    if (!["name", "adult", "colleague"].includes(found.kind)) return false;
    const own = low.slice(found.start, found.end).replace(/[.-]/g, " ").split(/\s+/u).filter((word) => word && !data.titles.has(word));
    return own.length ? people.some((person) => own.every((word) => person.has(word))) : true;
  }
  function titled(words) {
    const found = [];
    for (let i = 0; i + 1 < words.length; i++) {
      const word = words[i], kind = data.titles.get(word.low);
      if (!kind || word.owner || ![" ", "  ", ".", ". ", ""].includes(words[i + 1].gap) || !isTitled(word, words[i + 1])) continue;
      let last = i + 1;
      while (last < i + LONGEST_NAME && last + 1 < words.length) {
        if (goesOn(words, last + 1) || isAfterInitial(words[last], words[last + 1])) last++;
        else if (isParticle(words, last + 1)) last += 2;
        else break;
      }
      found.push({ kind, start: words[pair(words, i)].start, end: words[last].end });
    }
    return found;
  }
  const isAfterInitial = (before, word) => has(before.flags, "I") && !before.capital && word.joined && !word.capital && !has(word.flags, "OWSI");
  function pair(words, i) {
    if (i > 1 && words[i - 1].low === "and" && words[i].joined && data.titles.has(words[i - 2].low)) return i - 2;
    return i > 0 && words[i].gap === " & " && data.titles.has(words[i - 1].low) ? i - 1 : i;
  }
  function isTitled(title, name) {
    const short = within("short_titles", title.low);
    if (name.capital) {
      if (has(name.flags, "I")) return short && name.low !== "i";
      if (["O", "S"].includes(name.flags) && (!short || within("strict_titles", title.low))) return false;
      return short || title.capital || has(name.flags, "FL");
    }
    if (within("plain_titles", title.low) && !/^[0-9]$/.test(title.gap.slice(-2, -1))) return has(name.flags, "I") ? !["i", "a"].includes(name.low) : !has(name.flags, "OWS") && name.low.length > 2;
    if (data.titles.get(title.low) === "adult" && has(name.flags, "D") && !short) return name.low.length > 2;
    return (has(name.flags, "F") && name.low.length > 2) || (short && has(name.flags, "L"));
  }
  const goesOn = (words, i) => words[i].joined && words[i].capital && words[i].low !== "i" && (!["O", "W", "S"].includes(words[i].flags) || (words[i].flags === "S" && (has(words[i - 1].flags, "F") || data.titles.has(words[i - 1].low))));
  const isParticle = (words, i) => words[i].joined && within("particles", words[i].low) && i + 1 < words.length && goesOn(words, i + 1);
  const canStand = (word) => word.capital && !["O", "S"].includes(word.flags);
  function firstLook(words, taken) {
    const found = [];
    let i = 0;
    while (i < words.length) {
      if (taken.has(words[i].start)) { i++; continue; }
      let last = endOfRun(words, i, taken);
      if (words[i].capital && isName(words, i, last)) {
        found.push({ kind: "name", start: words[nickname(words, i)].start, end: words[last].end });
        i = last + 1;
      } else if (!words[i].capital && isSmallName(words, i)) {
        last = i + 1 < words.length && words[i + 1].joined && has(words[i + 1].flags, "FL") && !has(words[i + 1].flags, "O") ? i + 1 : i;
        found.push({ kind: "name", start: words[i].start, end: words[last].end });
        i = last + 1;
      } else i = words[i].capital ? last + 1 : i + 1;
    }
    return found;
  }
  function endOfRun(words, i, taken) {
    if (!canStand(words[i]) || has(words[i].flags, "I")) return i;
    let last = i;
    while (last + 1 < words.length && last < i + LONGEST_NAME) {
      if (taken.has(words[last + 1].start)) break;
      if (goesOn(words, last + 1)) last++;
      else if (isParticle(words, last + 1)) last += 2;
      else break;
    }
    return last;
  }
  function nickname(words, i) {
    if (i === 0 || !words[i - 1].capital) return i;
    const before = words[i - 1], initial = has(before.flags, "I") && !["i", "a"].includes(before.low) && [" ", ". "].includes(words[i].gap);
    return initial || (words[i].joined && within("nicknames", before.low)) ? i - 1 : i;
  }
  function isName(words, i, last) {
    if (!canStand(words[i]) || has(words[i].flags, "I")) return false;
    const run = words.slice(i, last + 1);
    if (words[last].owner && last + 1 < words.length && within("named_after", words[last + 1].low)) return false;
    if (run.some((word) => has(word.flags, "F"))) return true;
    if (run.some((word) => word.heading || word.mixed)) return false;
    if (run.length > 1) return !has(words[i].flags, "W") || run.some((word) => has(word.flags, "L"));
    return isSingleName(words, i);
  }
  function isSingleName(words, i) {
    const word = words[i], beside = besideCapital(words, i);
    if (has(word.flags, "O") && !has(word.flags, "D")) return false;
    if (has(word.flags, "W")) return saidBefore(words, i, "before_strong") || actsAfter(words, i);
    if (has(word.flags, "D")) return actsAfter(words, i) || (!word.begins && !beside) || isDashed(words, i);
    if (beside) return false;
    if (has(word.flags, "L")) return !word.begins || actsAfter(words, i);
    if (saidBefore(words, i, "addressed")) return true;
    if (word.begins) return beginsWithName(words, i);
    if (word.mixed || i === 0) return false;
    if (within("articles", words[i - 1].low) && word.joined) return i + 1 < words.length && within("households", words[i + 1].low);
    return !within("not_before", words[i - 1].low);
  }
  function beginsWithName(words, i) {
    const word = words[i], after = words[i + 1];
    if (word.mixed) return false;
    if (word.owner) return true;
    if (endsWithOne(word.low, "no_name_ends") || !after) return false;
    if (/^ \([0-9]/.test(after.gap)) return true;
    if ([" ", "  "].includes(after.gap) && within("after_weak", after.low)) return true;
    if (after.gap === ": " && ["he", "she", "they"].includes(after.low)) return true;
    if (after.gap === " " && after.low === "and" && i + 2 < words.length && ["i", "me", "his", "her", "their"].includes(words[i + 2].low)) return true;
    return actsAfter(words, i) || (after.gap === ", " && ["aged", "who", "age"].includes(after.low));
  }
  function besideCapital(words, i) {
    const before = words[i].joined && i > 0 && words[i - 1].capital && !words[i - 1].begins;
    const after = i + 1 < words.length && words[i + 1].joined && words[i + 1].capital && words[i + 1].low !== "i";
    const namesNobody = before && !(words[i - 1].capitals && has(words[i].flags, "D")) && !within("roles", words[i - 1].low) && !within("days", words[i - 1].low) && !within("nicknames", words[i - 1].low);
    return (namesNobody && !has(words[i - 1].flags, "I")) || (after && !within("days", words[i + 1].low));
  }
  const isDashed = (words, i) => i + 1 < words.length && [" - ", ", "].includes(words[i + 1].gap) && words[i].begins && !words[i + 1].capital;
  function saidBefore(words, i, which) {
    if (i === 0 || ![" ", "  ", ", ", ": ", ":"].includes(words[i].gap)) return false;
    const before = words[i - 1];
    if (before.low === "that" && i > 1) return within("said_to", words[i - 2].low);
    if (["me", "us"].includes(before.low) && i > 1 && words[i - 2].low === "told") return true;
    return within(which, before.low);
  }
  function actsAfter(words, i) {
    const after = words[i + 1];
    if (!after) return false;
    if (words[i].owner) return within("kin", after.low);
    return after.joined && !after.capital && within("after", after.low);
  }
  function isSmallName(words, i) {
    const word = words[i], flags = word.flags;
    if (has(flags, "F") && !has(flags, "DWO") && word.low.length > 3) return true;
    if (word.low.endsWith("s") && flagsOf(word.low.slice(0, -1), false).includes("F") && i + 1 < words.length) {
      return !has(flags, "DWO") && word.low.length > 4 && within("kin", words[i + 1].low);
    }
    if (!has(flags, "FD") || i === 0 || !word.joined) return false;
    return ["called", "named", "sister", "brother", "son", "daughter", "nicknamed"].includes(words[i - 1].low) && (has(flags, "F") || word.low.length > 2);
  }
  function secondLook(words, found) {
    const taken = takenBy(found), people = found.filter((each) => each.kind !== "place"), learnt = new Set(), more = [];
    for (const word of words) {
      const learns = taken.has(word.start) && word.capital && word.low.length > 2 && canStand(word) && !data.titles.has(word.low);
      if (learns && people.some((each) => each.start <= word.start && word.start < each.end)) learnt.add(word.low);
    }
    words.forEach((word, i) => {
      if (taken.has(word.start) || !canStand(word)) return;
      const again = learnt.has(word.low) && !(has(word.flags, "W") && i > 0 && within("not_after", words[i - 1].low));
      if (!again && !(inAList(words, i, taken) && !word.begins && !has(word.flags, "IW") && !word.heading)) return;
      more.push({ kind: "name", start: word.start, end: word.end });
      for (let k = word.start; k < word.end; k++) taken.add(k);
    });
    return more;
  }
  function inAList(words, i, taken) {
    if (besideCapital(words, i)) return false;
    const parts = [", ", " & ", "/", " / "], at = (k) => words[k] && taken.has(words[k].start);
    const before = at(i - 1) && parts.includes(words[i].gap);
    const joinedByAnd = i > 1 && words[i - 1].low === "and" && at(i - 2) && [" ", ", "].includes(words[i - 1].gap);
    const after = at(i + 1) && parts.includes(words[i + 1].gap);
    return before || joinedByAnd || after || (at(i + 2) && words[i + 1].low === "and" && words[i + 1].joined);
  }


  function placesIn(words) {
    const found = [];
    words.forEach((word, i) => {
      if (i > 0 && word.owner && words[i - 1].low === "st" && [" ", ". "].includes(word.gap) && word.low !== "john") found.push({ kind: "place", start: words[i - 1].start, end: word.end + 2 });
      if (!data.lastPlaceWords.has(word.low)) return;
      const ending = data.byWords.find((each) => matches(words, i, each.parts));
      if (!ending) return;
      const start = startOfPlace(words, i - ending.parts.length + 1, ending.words);
      if (start !== null) found.push({ kind: "place", start: words[start].start, end: word.end });
    });
    return found;
  }
  const follows = (word, before) => word.joined || (before.owner && [" ", "  "].includes(word.gap)) || word.gap === "' ";
  function matches(words, i, parts) {
    const first = i - parts.length + 1;
    if (first < 1) return false;
    return parts.every((part, n) => words[first + n].low + (words[first + n].owner ? "'s" : "") === part && follows(words[first + n], words[first + n - 1]));
  }
  function startOfPlace(words, ending, what) {
    const before = words[ending - 1], saint = ending > 1 && ["st", "saint"].includes(words[ending - 2].low) && [" ", ". "].includes(before.gap);
    if (saint && (words[ending].capital || before.owner || before.low.endsWith("s"))) return ending - 2;
    if (!words[ending].capital) return isSmallPlace(before, what) ? ending - 1 : null;
    let first = ending;
    while (first > 0 && ending - first < LONGEST_NAME && belongs(words, first)) first--;
    while (first < ending && isGeneric(words[first])) first++;
    if (first < ending) return first > 0 && ["st", "saint"].includes(words[first - 1].low) ? first - 1 : first;
    const hinted = ending > 1 && before.capital && within("place_hints", before.low) && words[ending - 2].capital && before.joined && !["house", "court", "hall", "unit", "ward"].includes(what);
    return hinted && !["the", "a", "our", "my"].includes(words[ending - 2].low) ? ending - 2 : null;
  }
  function isSmallPlace(before, what) {
    const plain = within("plain_before_place", before.low) || endsWithOne(before.low, "plain_endings");
    return data.rules.plain_places.split("|").includes(what) && !(has(before.flags, "OWDIS") || plain || before.low.length < 5);
  }
  function belongs(words, first) {
    const before = words[first - 1];
    if (!follows(words[first], before)) return false;
    return before.capital || (["of", "and"].includes(before.low) && first > 1 && words[first - 2].capital);
  }
  const isGeneric = (word) => !word.capital || within("generic_places", word.low) || (word.flags === "O" && word.low !== "st") || has(word.flags, "I");


  function byWords(plain, wanted) {
    const low = lower(plain), found = [];
    for (const each of wanted) {
      const word = lower(plainOf(each)).replace(/^ +| +$/g, "");
      for (let at = word ? low.indexOf(word) : -1; at >= 0; at = low.indexOf(word, at + 1)) {
        const end = at + word.length;
        if ((at && isLetterOrDigit(low[at - 1])) || (end < low.length && isLetterOrDigit(low[end]))) continue;
        found.push({ kind: "word", start: at, end });
      }
    }
    return found;
  }


  function withoutOverlaps(found) {
    const kept = [], taken = new Set(), length = (each) => each.end - each.start;
    found.sort((a, b) => length(b) - length(a) || PRIORITY.indexOf(a.kind) - PRIORITY.indexOf(b.kind) || a.start - b.start);
    for (const each of found) {
      if (taken.has(each.start) || taken.has(each.end - 1)) continue;
      kept.push(each);
      for (let i = each.start; i < each.end; i++) taken.add(i);
    }
    return kept.sort((a, b) => a.start - b.start);
  }
  function labeller(plain) {
    const low = lower(plain), given = new Map(), letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const used = new Set([...plain.matchAll(/(?:Child|Adult|Person|Resident|Tenant|Patient) ([A-Z])(?![A-Za-z0-9])/g)].map((taken) => taken[1]));
    const count = (what) => (low.match(new RegExp(`(?:^|[^a-z])${data.rules[what]}(?![a-z])`, "gu")) || []).length;
    const usual = count("adults") > count("children") ? "Adult" : "Child";
    return (words, kind) => {
      const parts = lower(words).match(/[a-z']+/g) || [], key = kind === "adult" ? parts.join(" ") : parts[0] || lower(words);
      if (!given.has(key)) {
        const letter = [...letters].find((each) => !used.has(each)) || String(used.size + 1);
        used.add(letter);
        given.set(key, `${kind === "adult" ? "Adult" : usual} ${letter}`);
      }
      return given.get(key);
    };
  }
  function monthOf(words) {
    const low = lower(words), named = low.match(/jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec/), numbers = low.match(/[0-9]{1,4}/g) || [];
    const year = numbers.find((each) => each.length === 4) || "";
    if (named) return `${MONTHS["jan feb mar apr may jun jul aug sep oct nov dec".split(" ").indexOf(named[0])]} ${year}`.trim();
    const month = Number(numbers[1]);
    return numbers.length > 1 && month >= 1 && month <= 12 ? `${MONTHS[month - 1]} ${year}`.trim() : "";
  }
  function offerFor(kind, words, label) {
    if (kind === "name" || kind === "adult") return label(words, kind);
    if (kind === "place") return (data.byLength.find((each) => lower(words).endsWith(each.words)) || { offer: "the setting" }).offer;
    return ((kind === "birth" || kind === "initials") && monthOf(words)) || data.rules.offers[kind];
  }

  function find(text, known, rules) {
    data = compile(rules);
    const characters = Array.from(text), units = [0];
    for (const each of characters) units.push(units[units.length - 1] + each.length);
    const plain = plainOf(text), people = known.names.map((name) => new Set(lower(plainOf(name)).match(/[a-z']+/g) || []));
    const label = labeller(plain), found = [...byShape(plain), ...byName(plain, people), ...byWords(plain, known.words)];
    return withoutOverlaps(found).map(({ kind, start, end }) => ({
      kind, start: units[start], end: units[end], words: text.slice(units[start], units[end]), offer: offerFor(kind, plain.slice(start, end), label),
    }));
  }

  // The name of a file: underscores and capitals part words, the ending is no word.
  function findInName(name, known, rules) {
    const stem = name.replace(/\.[A-Za-z0-9]{1,5}$/, "").replace(new RegExp(rules.camera, "gu"), (taken) => "_".repeat(taken.length));
    let spread = "";
    const places = [];
    for (let i = 0; i < stem.length; i++) {
      const before = i ? stem[i - 1] : "", character = stem[i], after = stem[i + 1] || "", small = /^[a-z]$/.test(before);
      const parts = small && (/^[A-Z]$/.test(character) || (/^[0-9]$/.test(character) && /[a-z]{3}$/.test(lower(stem.slice(Math.max(0, i - 3), i)))));
      if (parts) { spread += " "; places.push(i); }
      const dash = character === "-" && /^[A-Za-z]$/.test(before) && /^[A-Za-z]$/.test(after);
      spread += character === "_" || dash ? " " : character;
      places.push(i);
    }
    return find(spread, known, rules).map((each) => {
      const start = places[each.start], end = places[each.end - 1] + 1;
      return { ...each, start, end, words: name.slice(start, end) };
    });
  }
  return { find, findInName };
})();

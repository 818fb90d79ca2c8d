// Boxes over the pages of a document, by touch, mouse and keys. What is drawn stands in the same fields that can be typed.
"use strict";
{
  const STEP = 1, LEAST = 1;
  const round = (value) => Math.round(value * 10) / 10;
  const within = (value, least, most) => Math.min(Math.max(value, least), most);

  class CoverPage {
    constructor(section, tell) {
      this.tell = tell;
      this.number = section.dataset.page;
      this.place = section.querySelector("[data-place]");
      this.picture = this.place.querySelector("img");
      this.field = section.querySelector(`[name="boxes_${this.number}"]`);
      this.leave = section.querySelector(`[name="leave_${this.number}"]`);
      this.sum = section.querySelector("[data-sum]");
      this.buttons = { delete: section.querySelector("[data-delete]"), undo: section.querySelector("[data-undo]") };
      this.before = [];
      this.chosen = -1;
      for (const part of section.querySelectorAll("[data-tools]")) part.hidden = false;
      this.place.hidden = false;
      section.querySelector("[data-add]").addEventListener("click", () => this.add([35, 45, 30, 5], true));
      this.buttons.delete.addEventListener("click", () => this.remove(this.chosen));
      this.buttons.undo.addEventListener("click", () => this.undo());
      this.field.addEventListener("input", () => { this.chosen = -1; this.show(); });
      if (this.leave) this.leave.addEventListener("change", () => this.show());
      this.place.addEventListener("pointerdown", (event) => this.begin(event));
      section.addEventListener("toggle", () => this.look(section.open));
      this.look(section.open);
      this.show();
    }

    look(open) {
      if (open && !this.picture.src) this.picture.src = this.picture.dataset.src;
    }

    get boxes() {
      return this.field.value.split("\n").map((line) => line.trim().split(/\s+/).map((word) => Number(word.replace(",", "."))))
        .filter((box) => box.length === 4 && box.every((value) => value >= 0 && value <= 100));
    }

    // `once`: one step for undo, however often the box moves in between.
    write(boxes, once = false) {
      if (!once) this.before.push(this.field.value);
      this.field.value = boxes.map((box) => box.map(round).join(" ")).join("\n");
      this.show();
    }

    add(box, focus) {
      const boxes = [...this.boxes, box];
      this.chosen = boxes.length - 1;
      this.write(boxes);
      this.tell(`Box ${boxes.length} added to page ${this.number}.`);
      if (focus) this.place.querySelectorAll("button")[this.chosen].focus();
    }

    remove(index) {
      if (index < 0) return;
      this.chosen = -1;
      this.write(this.boxes.filter((_, one) => one !== index));
      this.tell(`Box ${index + 1} on page ${this.number} is deleted.`);
      const left = this.place.querySelectorAll("button");
      if (left.length) left[left.length - 1].focus();
    }

    undo() {
      if (!this.before.length) return;
      this.field.value = this.before.pop();
      this.chosen = -1;
      this.show();
      this.tell(`Undone on page ${this.number}.`);
    }

    show() {
      const boxes = this.boxes;
      const old = [...this.place.querySelectorAll("button")];
      for (const extra of old.slice(boxes.length)) extra.remove();
      boxes.forEach((box, index) => this.draw(old[index] || this.made(), box, index));
      this.buttons.delete.disabled = this.chosen < 0;
      this.buttons.undo.disabled = !this.before.length;
      const left = this.leave && this.leave.checked;
      this.place.classList.toggle("left-out", Boolean(left));
      this.sum.textContent = left ? "left out" : boxes.length ? `${boxes.length} ${boxes.length === 1 ? "box" : "boxes"}` : "";
    }

    made() {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "cover-box";
      button.addEventListener("keydown", (event) => this.key(event, this.indexOf(button)));
      button.addEventListener("focus", () => { this.chosen = this.indexOf(button); this.show(); });
      this.place.append(button);
      return button;
    }

    indexOf(button) {
      return [...this.place.querySelectorAll("button")].indexOf(button);
    }

    draw(button, [left, top, width, height], index) {
      button.style.left = `${left}%`;
      button.style.top = `${top}%`;
      button.style.width = `${Math.min(width, 100 - left)}%`;
      button.style.height = `${Math.min(height, 100 - top)}%`;
      button.setAttribute("aria-label", `Box ${index + 1} on page ${this.number}: ${round(left)} per cent from the left, ${round(top)} from the top, ${round(width)} wide, ${round(height)} high`);
      button.classList.toggle("chosen", index === this.chosen);
    }

    key(event, index) {
      if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); this.remove(index); return; }
      const way = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
      if (!way) return;
      event.preventDefault();
      const boxes = this.boxes;
      const box = boxes[index];
      if (event.shiftKey) {
        box[2] = within(box[2] + way[0], LEAST, 100 - box[0]);
        box[3] = within(box[3] + way[1], LEAST, 100 - box[1]);
      } else {
        box[0] = within(box[0] + way[0], 0, 100 - box[2]);
        box[1] = within(box[1] + way[1], 0, 100 - box[3]);
      }
      this.write(boxes);
    }

    at(event) {
      const frame = this.place.getBoundingClientRect();
      return [within((event.clientX - frame.left) / frame.width * 100, 0, 100), within((event.clientY - frame.top) / frame.height * 100, 0, 100)];
    }

    // Draws a new box, or moves the one under the finger.
    begin(event) {
      if (event.button || !this.picture.complete) return;
      const start = this.at(event);
      const held = event.target.closest("button");
      const boxes = this.boxes;
      const index = held ? this.indexOf(held) : boxes.length;
      const from = held ? [...boxes[index]] : null;
      let moved = false;
      event.preventDefault();
      const move = (now) => {
        const [x, y] = this.at(now);
        if (!moved && Math.abs(x - start[0]) + Math.abs(y - start[1]) < LEAST) return;
        boxes[index] = from
          ? [within(from[0] + x - start[0], 0, 100 - from[2]), within(from[1] + y - start[1], 0, 100 - from[3]), from[2], from[3]]
          : [Math.min(x, start[0]), Math.min(y, start[1]), Math.max(Math.abs(x - start[0]), LEAST), Math.max(Math.abs(y - start[1]), LEAST)];
        this.chosen = index;
        this.write(boxes, moved);
        moved = true;
      };
      const end = () => {
        this.place.removeEventListener("pointermove", move);
        if (held && !moved) held.focus();
        if (moved) this.tell(`Page ${this.number} has ${boxes.length} ${boxes.length === 1 ? "box" : "boxes"}.`);
      };
      this.place.setPointerCapture(event.pointerId);
      this.place.addEventListener("pointermove", move);
      this.place.addEventListener("pointerup", end, { once: true });
      this.place.addEventListener("pointercancel", end, { once: true });
    }
  }

  const form = document.querySelector("[data-covering]");
  if (form) {
    const told = form.querySelector("[data-told]");
    const tell = (words) => { told.textContent = words; };
    for (const section of form.querySelectorAll("[data-page]")) new CoverPage(section, tell);
    form.dataset.ready = "1";
    // One press is enough: while the pages are made anew the form says so. Back on the page, it can be pressed again.
    const working = form.querySelector("[data-working]"), button = form.querySelector("button:not([type=button])");
    const work = (on) => { working.hidden = !on; working.textContent = on ? working.dataset.words : ""; button.setAttribute("aria-disabled", String(on)); };
    form.addEventListener("submit", (event) => {
      if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
      else { work(true); setTimeout(() => work(false), 130_000); } // the answer comes before that; a request that was stopped has none
    });
    addEventListener("pageshow", () => work(false));
  }
}

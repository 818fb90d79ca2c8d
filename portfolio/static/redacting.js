// Look at a photo before it is sent: cover parts of it with boxes or a brush, crop it, turn it. Each step can be undone
// until "Use this"; then the pixels are made anew and what was held is gone from this device.
"use strict";

const Redacting = (() => {
  const GRIP = 22, SMALLEST = 6, WIDEST = 2048, ZOOMS = [1, 1.5, 2, 3, 4];
  const TOOLS = [["box", "Box"], ["brush", "Brush"], ["crop", "Crop"], ["move", "Move"]];
  const HINTS = {
    box: "Draw a box over what must not be seen. Drag a box to move it, its corner to make it larger. With a keyboard: Add a box, then the arrow keys; with Shift they change its size.",
    brush: "Paint over what must not be seen. With a keyboard use boxes.",
    crop: "Drag the corners, or use the sliders. What is cut off is not sent.",
    move: "Drag the photo to see another part of it.",
  };
  const SIZES = [["Thin", 0.015], ["Middle", 0.035], ["Thick", 0.07]];
  const percent = (part, all) => Math.round((100 * part) / all);

  async function open(item, again) {
    const about = await Keeping.about(item);
    let picture;
    try {
      picture = await Picture.open(await Keeping.whole(item));
    } catch {
      Waiting.note(`“${about.name}” cannot be opened by this browser, so nothing in it can be covered here. Take the photo again in the page, or add it as it is: then it goes as it is.`);
      return;
    }
    new Editor(item, about, picture, again);
  }

  class Editor {
    constructor(item, about, picture, again) {
      Object.assign(this, { item, about, again, base: picture.base, seen: Picture.smaller(picture.base, WIDEST), state: picture.state, past: [], future: [], tool: "box", zoom: 0, brush: SIZES[1][1], chosen: -1, drag: null, pointers: new Map() });
      this.panel = Panel.open("Cover, crop or turn", "editor-panel", () => this.leave());
      this.build();
      this.say(picture.shrunk ? "The photo is very large for this device, so it was made smaller: at most 12 million pixels." : "Nothing of this photo has been sent. Cover what nobody else may see.");
      this.redraw();
      const sized = () => this.redraw();
      window.addEventListener("resize", sized);
      this.panel.whenClosed(() => { window.removeEventListener("resize", sized); [this.base, this.seen].forEach((one) => { one.width = one.height = 0; }); });
    }
    say(words) { this.panel.say(words); }

    build() {
      const { make, button } = Panel;
      this.canvas = make("canvas", { role: "img", class: "picture" });
      this.frame = make("div", { class: "frame", tabindex: "0", role: "region", "aria-label": "The photo" }, this.canvas);
      this.buttons = {
        undo: button("Undo", () => this.undo(), { class: "btn alt small" }),
        redo: button("Redo", () => this.redo(), { class: "btn alt small" }),
        turn: button("Turn", () => this.turn(), { class: "btn alt small", "aria-label": "Turn a quarter to the right" }),
        out: button("−", () => this.setZoom(-1), { class: "btn alt small", "aria-label": "Zoom out" }),
        in: button("+", () => this.setZoom(1), { class: "btn alt small", "aria-label": "Zoom in" }),
      };
      this.options = make("div", { class: "options" });
      this.question = make("div", { class: "card question", role: "alert", hidden: true });
      const { undo, redo, turn, out } = this.buttons;
      const steps = make("div", { class: "row steps", role: "group", "aria-label": "Steps" }, undo, redo, turn, out, this.buttons.in);
      this.panel.body.append(this.toolChoice(), this.frame, steps, this.options, this.question);
      this.use = button("Use this", () => this.done(), { class: "btn" });
      this.panel.foot.append(button("Close", () => this.leave()), ...(this.again ? [button("Take again", () => this.takeAgain())] : []), this.use);
      this.listen();
      this.showOptions();
    }
    toolChoice() {
      const { make } = Panel, seg = make("div", { class: "seg tools" });
      for (const [id, words] of TOOLS) {
        const radio = make("input", { type: "radio", name: "tool", id: `tool-${id}`, value: id });
        radio.checked = id === this.tool;
        radio.addEventListener("change", () => { this.tool = id; this.showOptions(); this.redraw(); });
        seg.append(radio, make("label", { for: `tool-${id}` }, words));
      }
      return make("fieldset", { class: "field" }, make("legend", { class: "hidden" }, "What your finger or mouse does"), seg);
    }

    // --- steps
    commit(state, words) {
      this.past.push(this.before || this.state);
      this.before = null;
      this.future = [];
      this.state = state;
      if (words) this.say(words);
      this.redraw();
    }
    undo() { this.step(this.past, this.future, "Undone."); }
    redo() { this.step(this.future, this.past, "Done again."); }
    step(from, to, words) {
      if (!from.length) return;
      to.push(this.state);
      this.state = from.pop();
      this.chosen = -1;
      this.say(words);
      this.redraw();
    }
    turn() { this.commit(Picture.turned(this.state), "Turned a quarter to the right."); }
    setZoom(by) {
      this.zoom = Picture.clamp(this.zoom + by, 0, ZOOMS.length - 1);
      const { frame } = this, across = (frame.scrollLeft + frame.clientWidth / 2) / frame.scrollWidth, down = (frame.scrollTop + frame.clientHeight / 2) / frame.scrollHeight;
      this.redraw();
      frame.scrollTo(across * frame.scrollWidth - frame.clientWidth / 2, down * frame.scrollHeight - frame.clientHeight / 2);
      this.say(this.zoom ? `${ZOOMS[this.zoom]} times as large.` : "As large as fits.");
    }

    // --- what is shown
    view() {
      const { state } = this;
      return this.tool === "crop" ? { x: 0, y: 0, width: state.width, height: state.height } : state.crop;
    }
    redraw() {
      const view = this.view(), room = this.frame.clientWidth || 300, tall = Math.max(200, Math.round(window.innerHeight * 0.46));
      const shown = Math.min(room / view.width, tall / view.height) * ZOOMS[this.zoom];
      const fine = Math.min(window.devicePixelRatio || 1, WIDEST / (Math.max(view.width, view.height) * shown), Math.max(1, 1 / shown));
      this.shown = shown;
      this.canvas.width = Math.max(1, Math.round(view.width * shown * fine));
      this.canvas.height = Math.max(1, Math.round(view.height * shown * fine));
      this.canvas.style.width = `${view.width * shown}px`;
      this.canvas.style.height = `${view.height * shown}px`;
      this.canvas.style.touchAction = this.tool === "move" ? "pan-x pan-y" : "none";
      const context = Picture.draw(this.canvas, this.seen, this.state, view, this.canvas.width / view.width);
      if (this.tool === "crop") this.drawCrop(context, shown); else this.drawChosen(context, shown);
      this.describe();
    }
    drawChosen(context, shown) {
      const mark = this.state.marks[this.chosen];
      if (!mark || mark.kind !== "box") return;
      context.lineWidth = 3 / shown;
      context.strokeStyle = "#ffdd00";
      context.strokeRect(mark.x, mark.y, mark.width, mark.height);
      context.fillStyle = "#ffdd00";
      const grip = 12 / shown;
      context.fillRect(mark.x + mark.width - grip, mark.y + mark.height - grip, grip, grip);
    }
    drawCrop(context, shown) {
      const { crop, width, height } = this.state;
      context.fillStyle = "rgba(11,31,30,.6)";
      context.fillRect(0, 0, width, crop.y);
      context.fillRect(0, crop.y + crop.height, width, height - crop.y - crop.height);
      context.fillRect(0, crop.y, crop.x, crop.height);
      context.fillRect(crop.x + crop.width, crop.y, width - crop.x - crop.width, crop.height);
      context.lineWidth = 3 / shown;
      context.strokeStyle = context.fillStyle = "#ffdd00";
      context.strokeRect(crop.x, crop.y, crop.width, crop.height);
      const grip = 16 / shown;
      for (const [x, y] of this.corners()) context.fillRect(x - grip / 2, y - grip / 2, grip, grip);
    }
    corners() {
      const { crop } = this.state;
      return [[crop.x, crop.y], [crop.x + crop.width, crop.y], [crop.x, crop.y + crop.height], [crop.x + crop.width, crop.y + crop.height]];
    }
    describe() {
      const { state } = this, strokes = state.marks.length - Picture.boxes(state).length, count = Picture.boxes(state).length;
      const crop = state.crop.width < state.width || state.crop.height < state.height ? ", cropped" : "";
      this.canvas.setAttribute("aria-label", `${this.about.name}: ${count} ${count === 1 ? "box" : "boxes"} and ${strokes} ${strokes === 1 ? "brush stroke" : "brush strokes"} cover parts of it${crop}`);
      this.buttons.undo.disabled = !this.past.length;
      this.buttons.redo.disabled = !this.future.length;
      this.buttons.out.disabled = !this.zoom;
      this.buttons.in.disabled = this.zoom === ZOOMS.length - 1;
      this.refreshOptions();
    }

    // --- what goes with the tool
    showOptions() {
      const { make, button } = Panel, { options } = this;
      options.replaceChildren(make("p", { class: "hint" }, HINTS[this.tool]));
      this.list = this.sliders = null;
      if (this.tool === "box") {
        this.list = make("ul", { class: "plain boxes", "aria-label": "Boxes" });
        options.append(button("Add a box", () => this.addBox(), { class: "btn alt small" }), this.list);
      }
      if (this.tool === "brush") options.append(this.brushChoice());
      if (this.tool === "crop") options.append(...this.cropSliders());
    }
    brushChoice() {
      const { make } = Panel, seg = make("div", { class: "seg" });
      SIZES.forEach(([words, size], at) => {
        const radio = make("input", { type: "radio", name: "brush", id: `brush-${at}` });
        radio.checked = size === this.brush;
        radio.addEventListener("change", () => { this.brush = size; });
        seg.append(radio, make("label", { for: `brush-${at}` }, words));
      });
      return make("fieldset", { class: "field" }, make("legend", {}, "Brush"), seg);
    }
    cropSliders() {
      const { make } = Panel;
      this.sliders = {};
      return Picture.SIDES.map((side) => {
        const slider = make("input", { type: "range", min: "0", max: "95", step: "1", id: `cut-${side}` });
        slider.addEventListener("input", () => { this.before = this.before || this.state; this.state = Picture.cropped(this.state, { [side]: slider.value / 100 }); this.redraw(); });
        slider.addEventListener("change", () => this.commit(Picture.cropped(this.state, { [side]: slider.value / 100 })));
        this.sliders[side] = slider;
        return make("div", { class: "cut" }, make("label", { for: `cut-${side}` }, `Cut from the ${side}`), slider);
      });
    }
    refreshOptions() {
      if (this.sliders) {
        const cut = Picture.cuts(this.state);
        for (const side of Picture.SIDES) {
          this.sliders[side].value = String(Math.round(100 * cut[side]));
          this.sliders[side].setAttribute("aria-valuetext", `${Math.round(100 * cut[side])} % of the photo`);
        }
      }
      if (this.list) this.refreshBoxes();
    }
    // One line for each box, changed in place: the keyboard stays on it while it moves.
    refreshBoxes() {
      const found = Picture.boxes(this.state);
      while (this.list.children.length > found.length) this.list.lastElementChild.remove();
      while (this.list.children.length < found.length) this.list.append(this.boxLine(this.list.children.length));
      found.forEach(({ mark, at }, place) => {
        const [choose, remove] = this.list.children[place].children;
        choose.textContent = `Box ${place + 1}: ${this.whereIs(mark)}`;
        choose.setAttribute("aria-pressed", String(at === this.chosen));
        remove.setAttribute("aria-label", `Delete box ${place + 1}`);
      });
    }
    boxLine(place) {
      const { make, button } = Panel, at = () => (Picture.boxes(this.state)[place] || { at: -1 }).at;
      const choose = button("", () => this.choose(at()), { class: "btn alt small where" });
      choose.addEventListener("focus", () => { if (this.chosen !== at()) this.choose(at()); });
      choose.addEventListener("keydown", (event) => this.keyOnBox(event, at(), place));
      return make("li", { class: "row" }, choose, button("Delete", () => this.remove(at(), place), { class: "btn alt small" }));
    }
    whereIs(box) {
      const { width, height } = this.state;
      return `${percent(box.x, width)} % from the left, ${percent(box.y, height)} % from the top, ${percent(box.width, width)} % wide, ${percent(box.height, height)} % high`;
    }
    choose(at) {
      this.chosen = at;
      this.redraw();
    }
    addBox() {
      const { crop } = this.state, width = crop.width * 0.3, height = crop.height * 0.2;
      const box = { kind: "box", ...Picture.whole({ x: crop.x + (crop.width - width) / 2, y: crop.y + (crop.height - height) / 2, width, height }, this.state) };
      this.chosen = this.state.marks.length;
      this.commit(Picture.withMark(this.state, box), "A box was added in the middle. Move it with the arrow keys; with Shift they change its size.");
      this.list.lastElementChild.firstElementChild.focus();
    }
    remove(at, place) {
      this.chosen = -1;
      this.commit(Picture.without(this.state, at), "The box was deleted.");
      const next = this.list.children[Math.min(place, this.list.children.length - 1)];
      (next ? next.firstElementChild : this.options.querySelector("button")).focus();
    }
    keyOnBox(event, at, place) {
      if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); this.remove(at, place); return; }
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const step = Math.max(1, Math.round(Math.max(this.state.width, this.state.height) / 100)), box = this.state.marks[at];
      const next = (event.shiftKey ? Picture.resized : Picture.moved)(this.state, box, way[0] * step, way[1] * step);
      const state = Picture.changed(this.state, at, next);
      if (event.repeat) { this.state = state; this.redraw(); } else this.commit(state);
      this.say(this.whereIs(next));
    }

    // --- finger, pen and mouse
    listen() {
      this.canvas.addEventListener("pointerdown", (event) => this.down(event));
      this.canvas.addEventListener("pointermove", (event) => this.move(event));
      ["pointerup", "pointercancel"].forEach((name) => this.canvas.addEventListener(name, (event) => this.up(event)));
      this.panel.box.addEventListener("keydown", (event) => {
        if (!(event.ctrlKey || event.metaKey) || !["z", "y", "Z"].includes(event.key)) return;
        event.preventDefault();
        if (event.key === "z" && !event.shiftKey) this.undo(); else this.redo();
      });
    }
    at(event) {
      const place = this.canvas.getBoundingClientRect(), view = this.view();
      return [view.x + ((event.clientX - place.left) / place.width) * view.width, view.y + ((event.clientY - place.top) / place.height) * view.height];
    }
    down(event) {
      if (this.tool === "move" || event.button > 0) return;
      event.preventDefault();
      this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
      if (this.pointers.size > 1) { this.giveUp(); return; } // two fingers move the photo
      try { this.canvas.setPointerCapture(event.pointerId); } catch { /* the finger has left again */ }
      this.before = this.state;
      const [x, y] = this.at(event), begin = { box: this.beginBox, brush: this.beginStroke, crop: this.beginCrop }[this.tool];
      begin.call(this, x, y);
    }
    beginBox(x, y) {
      const near = GRIP / this.shown, chosen = this.state.marks[this.chosen];
      if (chosen && chosen.kind === "box" && Math.abs(x - chosen.x - chosen.width) < near && Math.abs(y - chosen.y - chosen.height) < near) {
        this.drag = (to) => this.live(Picture.changed(this.before, this.chosen, Picture.resized(this.before, chosen, to[0] - x, to[1] - y)));
        return;
      }
      const hit = Picture.boxes(this.state).reverse().find(({ mark }) => x >= mark.x && x <= mark.x + mark.width && y >= mark.y && y <= mark.y + mark.height);
      if (hit) {
        this.chosen = hit.at;
        this.drag = (to) => this.live(Picture.changed(this.before, hit.at, Picture.moved(this.before, hit.mark, to[0] - x, to[1] - y)));
        this.redraw();
        return;
      }
      this.chosen = -1;
      this.drag = (to) => {
        const box = { x: Math.min(x, to[0]), y: Math.min(y, to[1]), width: Math.abs(to[0] - x), height: Math.abs(to[1] - y) };
        if (Math.max(box.width, box.height) * this.shown < SMALLEST) { this.live(this.before); return; }
        this.chosen = this.before.marks.length;
        this.live(Picture.withMark(this.before, { kind: "box", ...Picture.whole(box, this.before) }));
      };
    }
    beginStroke(x, y) {
      const points = [[x, y]], size = Math.max(8, this.brush * Math.max(this.state.width, this.state.height));
      const draw = () => this.live(Picture.withMark(this.before, { kind: "brush", size, points: [...points] }));
      this.drag = (to) => { points.push(to); draw(); };
      draw();
    }
    beginCrop(x, y) {
      const near = (2 * GRIP) / this.shown, { crop, width, height } = this.state;
      const corner = this.corners().findIndex((one) => Math.abs(one[0] - x) < near && Math.abs(one[1] - y) < near);
      if (corner < 0) {
        this.drag = (to) => this.live({ ...this.before, crop: Picture.whole(Picture.moved(this.before, crop, to[0] - x, to[1] - y), this.before) });
        return;
      }
      this.drag = (to) => this.live(Picture.cropped(this.before, {
        ...(corner % 2 ? { right: 1 - to[0] / width } : { left: to[0] / width }),
        ...(corner > 1 ? { bottom: 1 - to[1] / height } : { top: to[1] / height }),
      }));
    }
    live(state) {
      this.state = state;
      this.redraw();
    }
    move(event) {
      const last = this.pointers.get(event.pointerId);
      if (!last) return;
      this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
      if (this.pointers.size > 1) {
        this.frame.scrollBy((last[0] - event.clientX) / 2, (last[1] - event.clientY) / 2);
        return;
      }
      if (this.drag) this.drag(this.at(event));
    }
    up(event) {
      this.pointers.delete(event.pointerId);
      if (event.type === "pointercancel") { this.giveUp(); return; }
      if (!this.drag) return;
      this.drag = null;
      if (this.state !== this.before) this.commit(this.state); else this.before = null;
    }
    giveUp() {
      if (this.before) this.state = this.before;
      this.before = this.drag = null;
      this.redraw();
    }

    // --- the end
    leave() {
      if (!this.past.length) { this.panel.close(); Holding.focusOn(this.item.id); return; }
      this.ask("What you covered, cropped or turned is then lost. The photo itself stays on this device, not sent.", "Go on", "Throw the changes away", () => { this.panel.close(); Holding.focusOn(this.item.id); });
    }
    ask(words, stay, go, work) {
      const { make, button } = Panel, hide = () => { this.question.hidden = true; this.use.focus(); };
      const first = button(stay, hide, { class: "btn small" });
      this.question.replaceChildren(make("p", {}, words), make("div", { class: "row" }, first, button(go, work, { class: "btn alt small" })));
      this.question.hidden = false;
      first.focus();
      this.question.scrollIntoView({ block: "nearest" });
    }
    async takeAgain() {
      await Keeping.drop(this.item.id);
      this.panel.close();
      await Waiting.refresh();
      await this.again();
    }
    async done() {
      this.use.disabled = true;
      this.say("The photo is being made …");
      try {
        const id = this.about.made_here && !this.past.length ? await this.sendAsTaken() : await this.sendBurned();
        this.panel.close();
        await Waiting.refresh();
        Holding.focusOn(id);
        Sending.now();
      } catch (error) {
        this.use.disabled = false;
        this.say(`It could not be kept: ${error.message || error}. Nothing was sent, and the photo is still here.`);
      }
    }
    async sendAsTaken() {
      await Keeping.change(this.item.id, { state: "waiting" }, { title: Holding.titleNow(this.about) });
      return this.item.id;
    }
    // First the new one is here whole, then the one that was held goes: at no moment there is none.
    async sendBurned() {
      const png = /\.png$/i.test(this.about.name), blob = await Picture.burn(this.base, this.state, png ? "image/png" : "image/jpeg");
      if (!(await Keeping.hasRoom(blob.size))) throw new Error("there is no room on this device");
      const name = `${this.about.name.replace(/\.[^.]*$/, "")}.${png ? "png" : "jpg"}`;
      const { made_here, ...rest } = this.about;
      const made = await Keeping.add(this.item.person, blob, { ...rest, name, title: Holding.titleNow(rest), instead_of: this.item.id });
      await Keeping.drop(this.item.id);
      return made.id;
    }
  }
  return { open };
})();

// A photo and what its owner did to it: boxes, brush, crop and turns as values, and the pixels that come of them.
// What is covered is filled with one solid colour: blurred or coarse pixels can be reckoned back, a fill cannot.
"use strict";

const Picture = (() => {
  const MOST = 12e6; // pixels: what an old phone can hold twice
  const COVER = "#000", SIDES = ["left", "top", "right", "bottom"];
  // A copy no larger than a screen shows, so that an old phone keeps up with the finger.
  function smaller(base, most) {
    const scale = Math.min(1, most / Math.max(base.width, base.height)), copy = document.createElement("canvas");
    copy.width = Math.max(1, Math.round(base.width * scale));
    copy.height = Math.max(1, Math.round(base.height * scale));
    copy.getContext("2d").drawImage(base, 0, 0, copy.width, copy.height);
    return copy;
  }
  const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

  async function decode(blob) {
    if (window.createImageBitmap) {
      try { return await createImageBitmap(blob, { imageOrientation: "from-image" }); } catch { /* older engines: below */ }
    }
    const image = new Image(), address = URL.createObjectURL(blob);
    try {
      image.src = address;
      await image.decode();
      return image;
    } finally { URL.revokeObjectURL(address); }
  }
  // The photo upright and as pixels, with its first state. `shrunk`: it was too large for a phone.
  async function open(blob) {
    const read = await decode(blob), width = read.naturalWidth || read.width, height = read.naturalHeight || read.height;
    const scale = Math.min(1, Math.sqrt(MOST / (width * height))), base = document.createElement("canvas");
    base.width = Math.max(1, Math.round(width * scale));
    base.height = Math.max(1, Math.round(height * scale));
    base.getContext("2d").drawImage(read, 0, 0, base.width, base.height);
    if (read.close) read.close();
    return { base, shrunk: scale < 1, state: { turn: 0, width: base.width, height: base.height, crop: { x: 0, y: 0, width: base.width, height: base.height }, marks: [] } };
  }

  // Rounded outwards: no pixel at the edge is covered by half.
  function whole(box, state) {
    const x = clamp(Math.floor(box.x), 0, state.width - 1), y = clamp(Math.floor(box.y), 0, state.height - 1);
    return { x, y, width: clamp(Math.ceil(box.x + box.width), x + 1, state.width) - x, height: clamp(Math.ceil(box.y + box.height), y + 1, state.height) - y };
  }
  const withMark = (state, mark) => ({ ...state, marks: [...state.marks, mark] });
  const changed = (state, at, mark) => ({ ...state, marks: state.marks.map((one, place) => (place === at ? mark : one)) });
  const without = (state, at) => ({ ...state, marks: state.marks.filter((_, place) => place !== at) });
  const boxes = (state) => state.marks.map((mark, at) => ({ mark, at })).filter(({ mark }) => mark.kind === "box");

  // Move and resize within the picture: a box never leaves it.
  function moved(state, box, dx, dy) {
    return { ...box, x: clamp(box.x + dx, 0, state.width - box.width), y: clamp(box.y + dy, 0, state.height - box.height) };
  }
  function resized(state, box, dx, dy) {
    return { ...box, width: clamp(box.width + dx, 4, state.width - box.x), height: clamp(box.height + dy, 4, state.height - box.y) };
  }
  // How much is cut off at each side, in hundredths; and the crop that comes of it. Something always stays.
  function cuts(state) {
    const { crop, width, height } = state;
    return { left: crop.x / width, top: crop.y / height, right: 1 - (crop.x + crop.width) / width, bottom: 1 - (crop.y + crop.height) / height };
  }
  function cropped(state, wanted) {
    const cut = { ...cuts(state), ...wanted };
    for (const [one, other] of [["left", "right"], ["top", "bottom"]]) {
      cut[one] = clamp(cut[one], 0, 0.95);
      cut[other] = clamp(cut[other], 0, 0.95);
      if (cut[one] + cut[other] > 0.95) cut[one in wanted ? one : other] = 0.95 - cut[one in wanted ? other : one];
    }
    const { width, height } = state;
    return { ...state, crop: whole({ x: cut.left * width, y: cut.top * height, width: (1 - cut.left - cut.right) * width, height: (1 - cut.top - cut.bottom) * height }, state) };
  }
  // A quarter to the right: everything that was marked turns with the picture.
  function turned(state) {
    const { height } = state;
    const box = (one) => ({ ...one, x: height - one.y - one.height, y: one.x, width: one.height, height: one.width });
    const mark = (one) => (one.kind === "box" ? box(one) : { ...one, points: one.points.map(([x, y]) => [height - y, x]) });
    return { turn: (state.turn + 1) % 4, width: state.height, height: state.width, crop: box(state.crop), marks: state.marks.map(mark) };
  }

  const TURNS = [(s) => [1, 0, 0, 1, 0, 0], (s) => [0, 1, -1, 0, s.width, 0], (s) => [-1, 0, 0, -1, s.width, s.height], (s) => [0, -1, 1, 0, 0, s.height]];
  // Draw `view` (a part of the picture) into the canvas, from its corner, at this scale.
  function draw(canvas, base, state, view, scale) {
    const context = canvas.getContext("2d"), place = () => context.setTransform(scale, 0, 0, scale, -view.x * scale, -view.y * scale);
    context.fillStyle = "#fff"; // what was see-through becomes white
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillRect(0, 0, canvas.width, canvas.height);
    place();
    context.transform(...TURNS[state.turn](state));
    context.drawImage(base, 0, 0, ...(state.turn % 2 ? [state.height, state.width] : [state.width, state.height]));
    place();
    context.fillStyle = context.strokeStyle = COVER;
    context.lineCap = context.lineJoin = "round";
    for (const mark of state.marks) {
      if (mark.kind === "box") { const box = whole(mark, state); context.fillRect(box.x, box.y, box.width, box.height); } else stroke(context, mark);
    }
    return context;
  }
  function stroke(context, mark) {
    context.lineWidth = mark.size;
    context.beginPath();
    mark.points.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
    if (mark.points.length === 1) context.lineTo(mark.points[0][0] + 0.01, mark.points[0][1]);
    context.stroke();
  }
  // The pixels alone: a new file with nothing of the old one in it but what can be seen.
  function burn(base, state, type) {
    const canvas = document.createElement("canvas"), crop = whole(state.crop, state);
    canvas.width = crop.width;
    canvas.height = crop.height;
    draw(canvas, base, state, crop, 1);
    return new Promise((resolve, reject) => canvas.toBlob((blob) => {
      canvas.width = canvas.height = 0; // phones give the memory back at once
      if (blob) resolve(blob); else reject(new Error("this device has too little memory for a photo of this size"));
    }, type, 0.92));
  }
  return { open, smaller, whole, withMark, changed, without, boxes, moved, resized, cuts, cropped, turned, draw, burn, clamp, SIDES };
})();

"""What moves on the map: hovering, searching, colouring, zooming; plain JavaScript, no network.

Texts of documents reach the page through ``textContent`` and the canvas alone, never as
markup. The page allows this script by its hash, and no other.
"""

from __future__ import annotations

SCRIPT = """
"use strict";
const M = JSON.parse(document.getElementById("map-content").textContent);
const N = M.ids.length, canvas = document.getElementById("map"), ctx = canvas.getContext("2d");
const tip = document.getElementById("tip"), legend = document.getElementById("legend");
const search = document.getElementById("search"), found = document.getElementById("found");
const select = document.getElementById("colour"), reset = document.getElementById("reset");
let W = 0, H = 0, scale = 1, dx = 0, dy = 0, hover = -1, only = null, hits = null;
let colours = [], values = [], entries = [], queued = false;

const lower = M.ids.map((id, i) => (id + " " + M.texts[i]).toLowerCase());
const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;
const hue = n => "hsl(" + (n * 137.508 + 210) % 360 + " " + (n % 3 === 1 ? 50 : 70) + "% "
  + ((dark() ? 66 : 42) + (n % 2) * (dark() ? -8 : 10)) + "%)";
const ramp = t => "hsl(" + (260 - 215 * t) + " 75% " + ((dark() ? 45 : 30) + 22 * t) + "%)";
const grey = () => dark() ? "#59616b" : "#b4bbc4";

function paint(which) {
  only = null;
  const field = which < 0 ? null : M.fields[which];
  if (field && field.numeric) {
    const known = field.values.filter(v => v !== null);
    let low = Infinity, high = -Infinity;
    for (const v of known) { low = Math.min(low, v); high = Math.max(high, v); }
    values = field.values.map(() => null);
    colours = field.values.map(v => v === null ? grey() : ramp((v - low) / (high - low || 1)));
    entries = [0, .25, .5, .75, 1].map(t =>
      ({key: null, text: String(+(low + t * (high - low)).toPrecision(4)), colour: ramp(t)}));
  } else {
    values = field ? field.values : M.clusters;
    const counts = new Map();
    for (const v of values) if (v !== null) counts.set(v, (counts.get(v) || 0) + 1);
    const keys = [...counts.keys()].sort((a, b) => field ? counts.get(b) - counts.get(a) : a - b);
    const place = new Map(keys.map((key, n) => [key, n]));
    colours = values.map(v => v === null ? grey() : hue(place.get(v)));
    entries = keys.map((key, n) => ({key, colour: hue(n),
      text: (field ? key : key + "  " + M.names[key - 1]) + "  (" + counts.get(key) + ")"}));
  }
  legend.replaceChildren(...entries.map(one => {
    const row = document.createElement("button"), mark = document.createElement("i");
    mark.style.background = one.colour;
    row.append(mark, document.createTextNode(one.text));
    row.disabled = one.key === null;
    row.setAttribute("aria-pressed", "false");
    row.onclick = () => {
      only = only === one.key ? null : one.key;
      for (const other of legend.children) {
        other.setAttribute("aria-pressed", String(other === row && only !== null));
      }
      draw();
    };
    return row;
  }));
  draw();
}
const px = i => M.x[i] / 10000 * side() * scale + dx;
const py = i => (1 - M.y[i] / 10000) * side() * scale + dy;
const side = () => Math.min(W, H);
const shown = i => (only === null || values[i] === only) && (hits === null || hits[i]);

function draw() {
  if (queued) return;
  queued = true;
  requestAnimationFrame(() => { queued = false; render(); });
}
function render() {
  const ratio = devicePixelRatio || 1;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, W, H);
  const size = Math.max(1.2, Math.min(7, 46 / Math.sqrt(N) + .8) * Math.sqrt(scale));
  for (const faint of [true, false]) {
    ctx.globalAlpha = faint ? .12 : .85;
    for (let i = 0; i < N; i++) {
      if (shown(i) === faint) continue;
      const x = px(i), y = py(i);
      if (x < -9 || y < -9 || x > W + 9 || y > H + 9) continue;
      ctx.fillStyle = colours[i];
      ctx.beginPath();
      ctx.arc(x, y, size, 0, 6.2832);
      ctx.fill();
    }
  }
  ctx.globalAlpha = 1;
  const ink = getComputedStyle(document.body).color;
  if (select.value === "-1") labels(ink);
  if (hover >= 0) {
    ctx.strokeStyle = ink;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.arc(px(hover), py(hover), size + 3, 0, 6.2832);
    ctx.stroke();
  }
}
function labels(ink) {
  ctx.font = "600 12px system-ui, sans-serif";
  ctx.textAlign = "center";
  ctx.lineWidth = 4;
  ctx.strokeStyle = getComputedStyle(document.body).backgroundColor;
  ctx.fillStyle = ink;
  const taken = [];
  for (const one of M.middles) {
    if (only !== null && only !== one.cluster) continue;
    const x = one.x / 10000 * side() * scale + dx, y = (1 - one.y / 10000) * side() * scale + dy;
    const half = ctx.measureText(one.name).width / 2 + 4;
    const at = Math.min(Math.max(x, half), W - half);
    if (taken.some(b => Math.abs(b[0] - at) < b[2] + half && Math.abs(b[1] - y) < 16)) continue;
    taken.push([at, y, half]);
    ctx.strokeText(one.name, at, y);
    ctx.fillText(one.name, at, y);
  }
}
function nearest(x, y) {
  let best = -1, least = 144;
  for (let i = 0; i < N; i++) {
    if (!shown(i)) continue;
    const a = px(i) - x, b = py(i) - y, d = a * a + b * b;
    if (d < least) { least = d; best = i; }
  }
  return best;
}
function tell(x, y) {
  tip.hidden = hover < 0;
  if (hover < 0) return;
  const rows = [["cluster", M.clusters[hover] + "  " + M.names[M.clusters[hover] - 1]]];
  for (const f of M.fields) {
    if (f.values[hover] !== null) rows.push([f.name, String(f.values[hover])]);
  }
  const head = document.createElement("b"), text = document.createElement("p");
  head.textContent = M.ids[hover];
  text.textContent = M.texts[hover];
  tip.replaceChildren(head, text, ...rows.map(([name, value]) => {
    const line = document.createElement("div"), label = document.createElement("span");
    label.textContent = name + " ";
    line.append(label, document.createTextNode(value));
    return line;
  }));
  tip.style.left = Math.max(0, Math.min(x + 14, W - tip.offsetWidth - 4)) + "px";
  tip.style.top = (y + 18 + tip.offsetHeight > H ? Math.max(0, y - tip.offsetHeight - 12)
    : y + 18) + "px";
}
function resize() {
  const box = canvas.parentElement.getBoundingClientRect(), ratio = devicePixelRatio || 1;
  W = box.width;
  H = box.height;
  canvas.width = W * ratio;
  canvas.height = H * ratio;
  home();
}
function home() {
  scale = 1;
  dx = (W - side()) / 2;
  dy = (H - side()) / 2;
  draw();
}
let drag = null;
canvas.onpointerdown = e => {
  drag = [e.clientX, e.clientY];
  canvas.setPointerCapture(e.pointerId);
};
canvas.onpointerup = canvas.onpointercancel = () => { drag = null; };
canvas.onpointermove = e => {
  if (drag) {
    dx += e.clientX - drag[0];
    dy += e.clientY - drag[1];
    drag = [e.clientX, e.clientY];
    hover = -1;
  } else {
    hover = nearest(e.offsetX, e.offsetY);
  }
  tell(e.offsetX, e.offsetY);
  draw();
};
canvas.onpointerleave = () => { hover = -1; tell(0, 0); draw(); };
canvas.addEventListener("wheel", e => {
  e.preventDefault();
  const by = Math.min(60 / scale, Math.max(.7 / scale, Math.exp(-e.deltaY / 400)));
  dx = e.offsetX - (e.offsetX - dx) * by;
  dy = e.offsetY - (e.offsetY - dy) * by;
  scale *= by;
  draw();
}, {passive: false});
reset.onclick = home;
search.oninput = () => {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  hits = words.length ? lower.map(text => words.every(word => text.includes(word))) : null;
  found.textContent = hits ? hits.filter(Boolean).length + " found" : "";
  draw();
};
select.onchange = () => paint(Number(select.value));
addEventListener("resize", resize);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change",
  () => paint(Number(select.value)));
M.fields.forEach((field, n) => select.add(new Option(field.name, String(n))));
select.value = String(M.colouredBy);
resize();
paint(M.colouredBy);
"""

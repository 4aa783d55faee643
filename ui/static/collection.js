// The collection: what is chosen in its list, and files that are dropped on it, sent one by one so that the progress
// is true and one bad file stops no other.
"use strict";
import { make, press, pull, say, word } from "./words.js";

export const read = (id) => pull("read", { id });
// The id holds the place first, as a report's own id may have hyphens: quote-START-END-ID.
export function readAt(place) {
  const [start, end, ...id] = place.split("-");
  pull("read", { id: id.join("-"), text: `${start}-${end}` });
}

// A report that was opened at a sentence is scrolled to it, once.
export function settleReader() {
  const report = document.querySelector("#reader .report:not(.settled)");
  if (!report?.clientHeight) return;
  report.classList.add("settled");
  const mark = report.querySelector("mark");
  if (!mark) return;
  report.scrollTop += mark.getBoundingClientRect().top - report.getBoundingClientRect().top - report.clientHeight / 3;
  report.closest(".card").scrollIntoView({ block: "nearest" });
}
export const sortBy = (column) => pull("sort", { id: column });
export const askAbout = (id) => pull("about", { id });

const picks = () => [...document.querySelectorAll("#rows input.pick")];
const picked = () => picks().filter((box) => box.checked);

export function choose() {
  const chosen = picked().length;
  const all = document.querySelector("#rows input.pick-all");
  all.checked = chosen > 0 && chosen === picks().length;
  all.indeterminate = chosen > 0 && !all.checked;
  const button = document.querySelector("#rows .do-remove-chosen");
  button.disabled = chosen === 0;
  document.querySelector("#rows .chosen-count").textContent = chosen ? String(chosen) : "";
}

export function chooseAll(on) {
  for (const box of picks()) box.checked = on;
  choose();
}

export function removeChosen(ids = picked().map((box) => box.value)) {
  const form = new Intl.PluralRules(document.documentElement.lang).select(ids.length);
  if (ids.length && confirm(word(`remove_sure-${form}`).replace("{n}", ids.length))) pull("remove", { ids });
}

const AT_ONCE = 3;
const NAMED = 5000; // skipped files that the server hears of
const MEGABYTE = 1024 * 1024;

// One file to Gradio's own place for uploads; resolves to where it lies there.
function send(file, moved) {
  return new Promise((done, failed) => {
    const sent = new XMLHttpRequest();
    sent.open("POST", "./gradio_api/upload");
    sent.upload.onprogress = (event) => moved(event.loaded);
    sent.onload = () => {
      try {
        if (sent.status === 200) done(JSON.parse(sent.responseText)[0]);
        else failed(new Error(`${sent.status} ${sent.statusText}`));
      } catch (error) {
        failed(error);
      }
    };
    sent.onerror = () => failed(new Error(word("connection_lost")));
    const form = new FormData();
    form.append("files", file, file.name);
    sent.send(form);
  });
}

let sending = false;
async function take(list) {
  if (sending || !list.length) return;
  sending = true;
  const most = Number(word("limit-files"));
  const limit = Number(word("limit-mb")) * MEGABYTE;
  const skipped = [];
  const wanted = [];
  for (const file of list) {
    if (wanted.length >= most) skipped.push([file.name, "many"]);
    else if (file.size > limit) skipped.push([file.name, "large"]);
    else wanted.push(file);
  }
  const total = wanted.reduce((sum, file) => sum + file.size, 0);
  const moved = new Map();
  const bar = make("progress");
  bar.max = Math.max(total, 1);
  const told = make("p", "", "");
  document.getElementById("sent").replaceChildren(told, bar);
  const show = (n) => (told.textContent = word("upload_progress").replace("{done}", n).replace("{total}", wanted.length));
  const paths = [];
  let finished = 0;
  show(0);
  const queue = [...wanted];
  const work = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const which = file;
      try {
        paths.push(
          await send(which, (bytes) => {
            moved.set(which, bytes);
            bar.value = [...moved.values()].reduce((sum, n) => sum + n, 0);
          }),
        );
      } catch (error) {
        skipped.push([which.name, `unread ${error.message}`]);
      }
      show(++finished);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  document.getElementById("sent").replaceChildren();
  sending = false;
  pull("take", { ids: paths, text: JSON.stringify(skipped.slice(0, NAMED)) });
}

// A folder that is dropped gives its files, too.
async function dropped(items) {
  const files = [];
  const walk = async (entry) => {
    if (entry.isFile) files.push(await new Promise((done, failed) => entry.file(done, failed)));
    else if (entry.isDirectory) {
      const reader = entry.createReader();
      for (;;) {
        const some = await new Promise((done, failed) => reader.readEntries(done, failed));
        if (!some.length) break;
        for (const one of some) await walk(one);
      }
    }
  };
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  for (const entry of entries) await walk(entry);
  return files;
}

export function settleCollection() {
  const zone = document.getElementById("dropzone");
  if (!zone || zone.querySelector("input")) return;
  const field = make("input", "sr");
  field.type = "file";
  field.multiple = true;
  field.id = "files";
  field.tabIndex = -1;
  field.setAttribute("aria-label", word("upload"));
  field.addEventListener("change", () => {
    take([...field.files]);
    field.value = "";
  });
  zone.querySelector("h2").after(
    press(word("upload_hint"), "upload", () => field.click()),
    field,
  );
  const sent = make("div");
  sent.id = "sent";
  sent.setAttribute("role", "status");
  zone.append(sent);
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    try {
      const files = await dropped(event.dataTransfer.items);
      take(files.length ? files : [...event.dataTransfer.files]);
    } catch (error) {
      say(error.message);
    }
  });
}

// A file that misses the field would replace the page.
for (const name of ["dragover", "drop"])
  document.addEventListener(name, (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());

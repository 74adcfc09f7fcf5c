// What a screen reader could not name, and what is out of order.
const faults = [];
const of = (element) => element.outerHTML.slice(0, 120);
const named = (element) => element.getAttribute("aria-label") || element.getAttribute("aria-labelledby");
if (!document.documentElement.lang || !document.title) faults.push("no language or title");
for (const control of document.querySelectorAll("input, select, textarea")) {
  const label = [...(control.labels ?? [])].some((own) => own.textContent.trim());
  if (control.type !== "hidden" && !label && !named(control)) faults.push(`no label: ${of(control)}`);
}
for (const control of document.querySelectorAll("button, a, summary")) {
  if (!control.textContent.trim() && !named(control)) faults.push(`no text: ${of(control)}`);
}
for (const image of document.querySelectorAll("[role=img], img, svg")) {
  if (!named(image) && image.getAttribute("aria-hidden") !== "true") faults.push(`no description: ${of(image)}`);
}
for (const focusable of document.querySelectorAll("[tabindex]")) {
  if (focusable.tabIndex > 0) faults.push(`out of order: ${of(focusable)}`);
  if (!(focusable.role && named(focusable))) faults.push(`no name: ${of(focusable)}`);
}
let level = 0;
for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
  const own = Number(heading.tagName[1]);
  if (own > level + 1) faults.push(`h${own} after h${level}: ${of(heading)}`);
  level = own;
}
if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
for (const [index, id] of ids.entries()) if (ids.indexOf(id) !== index) faults.push(`id twice: ${id}`);
return faults;

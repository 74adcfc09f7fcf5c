// Texts that stand out too little from what is behind them, by WCAG 2's contrast, each kind once.
const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const rgba = (colour) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, alpha / 255];
};
const over = ([r, g, b, a], below) => [r, g, b].map((own, index) => own * a + below[index] * (1 - a));
const luminance = (colour) => {
  const [r, g, b] = colour.map((own) => {
    const part = own / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  if (!element) return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  const own = rgba(getComputedStyle(element).backgroundColor);
  return own[3] === 1 ? own.slice(0, 3) : over(own, behind(element.parentElement));
};
const faint = new Map();
for (const element of document.body.querySelectorAll("*")) {
  const isText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (!isText || element.matches("script, style") || !element.checkVisibility({ visibilityProperty: true })) continue;
  const style = getComputedStyle(element);
  const below = behind(element);
  let opacity = 1;
  for (let own = element; own; own = own.parentElement) opacity *= Number(getComputedStyle(own).opacity);
  const [r, g, b, a] = rgba(element.closest("svg") ? style.fill : style.color);
  const [light, dark] = [luminance(over([r, g, b, a * opacity], below)), luminance(below)].sort((one, other) => other - one);
  const contrast = (light + 0.05) / (dark + 0.05);
  const kind = `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""} in ${element.parentElement.tagName.toLowerCase()}`;
  if (contrast < 4.5) faint.set(kind, `${kind}: ${contrast.toFixed(2)} of ${style.color} on ${below.map(Math.round)}`);
}
return [...faint.values()];

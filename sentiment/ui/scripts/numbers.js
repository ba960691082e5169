// Numbers as the page writes them: a sign in front, a true minus, never a colour alone.

export const plain = (value, digits = 2) =>
  Number.isFinite(value)
    ? value
        .toFixed(digits)
        .replace(/^-(?=[0.]*$)/, '')
        .replace('-', '−')
    : '–';
export const signed = (value, digits = 2) => {
  if (!Number.isFinite(value)) return '–';
  const text = value.toFixed(digits);
  if (Number(text) === 0) return Math.abs(value) > 0 ? (0).toFixed(digits) : '0';
  return (value > 0 ? '+' : '') + text.replace('-', '−');
};
/** A share; what is not all is never written 100 %, and what is something never 0 %. */
export const percent = (value, digits = 0) => {
  const text = plain(100 * value, digits);
  if (text === '100' && value < 1) return `${plain(Math.min(99.9, 100 * value), 1)} %`;
  if (text === '0' && value > 0) return `${plain(Math.max(0.1, 100 * value), 1)} %`;
  return `${text} %`;
};
export const polarity = (value) => (value > 0 ? 'positive' : value < 0 ? 'negative' : 'zero');
export const sigmoid = (x) => 1 / (1 + Math.exp(-x));
export const quote = (text) => `“${text}”`;

/** The code that V8 runs and quotes in its errors, back in the words of its author. */

/** What stands for a function's text: V8 quotes it whole. */
const ENTRY = /\{;?\$+e\(\d+\);try\{[\s\S]*\}catch\(\$+c\)\{throw \$+t\(\$+c\)\}finally\{\$+l\(\)\}\}?/g;
/** A call of an imported function, which is not to have a `this`. */
const IMPORTED = /\(0, ?\$+[\w$]+\.([\w$]+)\)|\(0 , \$+[\w$]+\.([\w$]+)\)/g;
const IMPORT = /\$+[A-Za-z_]\w*\.(?=[A-Za-z_$])/g;
const POINT = /\$+p\(\d+\)[,;]/g;
/** A value with a point behind it. V8 says of a call's arguments only that there are some. */
const WITHIN = /\$+w(?=\(\.\.\.\))/g;
const WITHIN_ITERATED = /\$+w is not a function or its return value is not iterable/g;

/** An error's message without what the loader has put into the code. */
export function authorsWords(message: string): string {
  if (!message.includes('$')) return message;
  return message
    .replace(ENTRY, '{ ... }')
    .replace(POINT, '')
    .replace(WITHIN_ITERATED, '(...) is not iterable')
    .replace(WITHIN, '')
    .replace(IMPORTED, (_call, close: string | undefined, wide: string | undefined) => close ?? wide ?? '')
    .replace(IMPORT, '');
}

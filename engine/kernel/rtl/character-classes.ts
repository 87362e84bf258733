/** ctype.h for the "C" locale. */
import type { Native, NativeTable } from '../../vm/natives.ts';

function isClass(pattern: RegExp): Native {
  return (call) => {
    const code = Number(call.integer(0));
    return code >= 0 && code < 0x80 && pattern.test(String.fromCharCode(code)) ? 1 : 0;
  };
}

export const characterNatives: NativeTable = {
  isalpha: isClass(/[A-Za-z]/),
  isdigit: isClass(/[0-9]/),
  isalnum: isClass(/[A-Za-z0-9]/),
  isxdigit: isClass(/[0-9A-Fa-f]/),
  isspace: isClass(/[ \t\n\v\f\r]/),
  isupper: isClass(/[A-Z]/),
  islower: isClass(/[a-z]/),
  isprint: isClass(/[ -~]/),
  isgraph: isClass(/[!-~]/),
  ispunct: isClass(/[!-/:-@[-`{-~]/),
  isblank: isClass(/[ \t]/),
  // The class is the control characters themselves.
  iscntrl: (call) => {
    const code = Number(call.integer(0));
    return (code >= 0 && code < 0x20) || code === 0x7f ? 1 : 0;
  },
  toupper: (call) => {
    const code = Number(call.integer(0));
    return code >= 0x61 && code <= 0x7a ? code - 0x20 : code;
  },
  tolower: (call) => {
    const code = Number(call.integer(0));
    return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
  },
  towupper: (call) => {
    const text = String.fromCharCode(call.number(0)).toUpperCase();
    return text.length === 1 ? text.charCodeAt(0) : call.number(0);
  },
  towlower: (call) => {
    const text = String.fromCharCode(call.number(0)).toLowerCase();
    return text.length === 1 ? text.charCodeAt(0) : call.number(0);
  },
};

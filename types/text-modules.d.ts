// The build and the tests load C files and pages as text.
declare module '*.h' {
  const text: string;
  export default text;
}

declare module '*.c' {
  const text: string;
  export default text;
}

declare module '*.md' {
  const text: string;
  export default text;
}

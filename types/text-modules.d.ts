// The build and the tests load C files as text.
declare module '*.h' {
  const text: string;
  export default text;
}

declare module '*.c' {
  const text: string;
  export default text;
}

// What Node and web workers share beyond the engine's globals, for code that runs in both.
interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare const AbortController: { new (): AbortController };

declare const AbortSignal: { any(signals: AbortSignal[]): AbortSignal };

interface TimerHandle {
  readonly timer: unique symbol;
}

declare function setTimeout(callback: () => void, milliseconds?: number): TimerHandle;
declare function clearTimeout(handle: TimerHandle | undefined): void;
declare function setInterval(callback: () => void, milliseconds?: number): TimerHandle;
declare function clearInterval(handle: TimerHandle | undefined): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T): T;

declare const performance: { now(): number };

interface URL {
  readonly href: string;
  readonly protocol: string;
  readonly host: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}

declare const URL: { new (url: string, base?: string | URL): URL; canParse(url: string): boolean };

declare function atob(text: string): string;
declare function btoa(text: string): string;

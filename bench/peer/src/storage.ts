// sessionStorage: this tab's memory across page loads.

const PREFIX = "peer/";

export function load<T>(name: string): T | undefined {
  const text = sessionStorage.getItem(PREFIX + name);
  return text === null ? undefined : (JSON.parse(text) as T);
}

export function save(name: string, value: unknown): void {
  sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
}

export function forget(name: string): void {
  sessionStorage.removeItem(PREFIX + name);
}

/** Reads a value that may be used once. */
export function take<T>(name: string): T | undefined {
  const value = load<T>(name);
  forget(name);
  return value;
}

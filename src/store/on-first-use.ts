/** Statements are prepared when somebody asks, and once: opening the database must not wait for all of them. */
export function onFirstUse<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

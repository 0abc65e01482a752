/** Works through a list with at most `lanes` items under way; answers in the list's order. */
export async function inLanes<T, R>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const answers: R[] = [];
  const queue = items.entries();
  async function lane(): Promise<void> {
    for (const [index, item] of queue) answers[index] = await work(item);
  }
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  return answers;
}

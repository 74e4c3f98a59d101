/**
 * Which of `count` things each of `scenes` scenes shows, in order: one each from the first scene on, or several each
 * when there are more of them than scenes.
 */
export function shareOut(count: number, scenes: number): number[][] {
  const start = (scene: number) =>
    count <= scenes ? Math.min(scene, count) : Math.floor((scene * count) / scenes);
  return Array.from({ length: scenes }, (_, scene) => {
    const first = start(scene);
    return Array.from({ length: start(scene + 1) - first }, (_unused, i) => first + i);
  });
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { expect, test } from 'vitest';
import { wordBox } from '../../../../activities/render/word-box.ts';
import { tempFolders } from '../../../support/temp-folders.ts';

const folder = tempFolders('word-box-');

async function boxOf(...painted: [x: number, y: number, width: number, height: number][]) {
  const canvas = createCanvas(64, 48);
  const context = canvas.getContext('2d');
  context.fillStyle = 'rgba(255, 255, 255, 0.5)';
  for (const rectangle of painted) context.fillRect(...rectangle);
  const path = join(folder(), 'words.png');
  await writeFile(path, await canvas.encode('png'));
  return wordBox(path);
}

test('the box of a sheet holds all that is painted, with even borders', async () => {
  expect(await boxOf([5, 7, 10, 3], [20, 30, 1, 1])).toEqual({ x: 4, y: 6, width: 18, height: 26 });
  expect(await boxOf([0, 0, 64, 48])).toEqual({ x: 0, y: 0, width: 64, height: 48 });
});

test('an empty sheet is a pair of pixels', async () => {
  expect(await boxOf()).toEqual({ x: 0, y: 0, width: 2, height: 2 });
});

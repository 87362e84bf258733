// The sample of a bus master is debugged in its driver and in its device.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Stop } from '../../../engine/index.ts';
import { finish, goTo, resume, sampleSession, stackOf } from '../session/sample-session.ts';

const lineOf = (file: string, text: string): number =>
  readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text)) + 1;

const driver = 'samples/drivers/dma-engine.c';
const device = 'samples/drivers/dma-engine-device.c';

test('breakpoints in the driver and in its device stop in the order of the transfer, and back again', () => {
  const session = sampleSession('dma-engine.dms');
  const places = [
    { id: 'doorbell', file: driver, line: lineOf(driver, 'ENGINE_DOORBELL, extension->Tail') },
    { id: 'descriptor', file: device, line: lineOf(device, 'good = DeviceRead(address') },
    { id: 'isr', file: driver, line: lineOf(driver, 'extension->InterruptStatus |= status') },
    { id: 'dpc', file: driver, line: lineOf(driver, 'extension->ScatterGather = NULL;') },
  ];
  for (const file of [driver, device]) {
    const bound = session.setLineBreakpoints(
      file,
      places.filter((place) => place.file === file),
    );
    expect(bound.map(({ verified }) => verified)).not.toContain(false);
  }

  const stops: { stop: Stop; hash: string; tick: number }[] = [];
  const next = (): string | undefined => {
    const stop = resume(session, 'continue');
    if (stop === undefined) return undefined;
    stops.push({ stop, hash: session.hash(), tick: session.position.tick });
    return stop.breakpoints?.[0];
  };
  expect(next()).toBe('doorbell');
  expect(next()).toBe('descriptor');
  expect(stackOf(session, stops.at(-1)?.stop as Stop)).toEqual(['TimerExpired']);
  let hit = next();
  while (hit === 'descriptor') hit = next();
  expect(hit).toBe('isr');
  expect(stackOf(session, stops.at(-1)?.stop as Stop)[0]).toBe('EngineInterruptService');
  expect(next()).toBe('dpc');
  expect(stackOf(session, stops.at(-1)?.stop as Stop)[0]).toBe('EngineDpcForIsr');

  session.setLineBreakpoints(driver, []);
  session.setLineBreakpoints(device, []);
  finish(session);
  expect(session.result().outcome).toBe('passed');
  for (const { tick, hash } of stops.reverse()) {
    goTo(session, tick);
    expect(session.hash()).toBe(hash);
  }
});

import { expect, test } from 'vitest';
import { buffers, commonBuffer, lineOf, newClient } from './support/debuggee.ts';

test('a scenario is run in each variant, and in one for each allocation that may fail', async () => {
  const client = newClient();
  await client.initialize();
  const { variants } = await client.request('dms/test', {
    program: commonBuffer,
    scenario: 'every allocation may fail, whatever the device can reach',
  });
  expect(variants.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  const names = variants.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const bits of [32, 36, 64]) {
    expect(names).toContain(`fault.allocation=none, nic.address_bits=${bits}`);
    expect(names).toContain(`fault.allocation=2, nic.address_bits=${bits}`);
  }
});

test('the variants can be asked for without running them, and one of them debugged', async () => {
  const client = newClient();
  await client.initialize();
  const what = {
    program: commonBuffer,
    scenario: 'every allocation may fail, whatever the device can reach',
  };
  const { variants } = await client.request('dms/variants', what);
  const second = variants.find(({ name }) => name === 'fault.allocation=2, nic.address_bits=36');
  expect(second?.variant).toEqual({ 'fault.allocation': '2', 'nic.address_bits': '36' });
  const debugging = newClient();
  await debugging.start({ ...what, ...(second === undefined ? {} : { variant: second.variant }) });
  const result = await debugging.event('dms/result');
  expect(result.outcome).toBe('passed');
  // The second allocation was refused, so nothing was printed of what comes behind it.
  expect(debugging.console('stdout')).not.toContain('map registers');
});

test('a scenario that fails says why and where', async () => {
  const client = newClient();
  await client.initialize();
  const { variants } = await client.request('dms/test', { program: buffers, scenario: 'a leak' });
  expect(variants).toHaveLength(1);
  expect(variants[0]).toMatchObject({ name: '', outcome: 'failed' });
  const [failure] = variants[0]?.failures ?? [];
  expect(failure?.message).toMatch(/leak/);
  expect(failure?.place).toMatchObject({ path: buffers, line: lineOf(buffers, '#LEAK') });
  expect(client.console('stdout')).toContain('a leak: failed');
});

test('a scenario without end can be given up', async () => {
  const client = newClient();
  await client.initialize();
  const run = client.send('dms/test', { program: buffers, scenario: 'without end' });
  const answered = expect(run.body).rejects.toThrow('cancelled');
  await new Promise((done) => setTimeout(done, 100));
  await client.request('cancel', { requestId: run.seq });
  await answered;
});

import { expect, test } from 'vitest';
import { commonBuffer, commonBufferDriver, standing } from '../support/debuggee.ts';

test('the scenario, its drivers and the built-in headers are listed', async () => {
  const { client } = await standing({
    program: commonBuffer,
    functions: [{ name: 'AllocateCommonBuffer' }],
  });
  const { sources } = await client.request('loadedSources', {});
  const paths = sources.map(({ path }) => path);
  expect(paths).toContain(commonBuffer);
  expect(paths).toContain(commonBufferDriver);
  const header = sources.find(({ name }) => name === 'wdm.h');
  expect(header?.origin).toContain('read-only');
  const { content } = await client.request('source', {
    ...(header === undefined ? {} : { source: header }),
    sourceReference: header?.sourceReference ?? 0,
  });
  expect(content).toContain('IoGetDmaAdapter');
});

test('a kernel routine shows its prototype', async () => {
  const session = await standing({
    program: commonBuffer,
    functions: [{ name: 'AllocateCommonBuffer' }],
  });
  const frame = await session.top();
  expect(frame.source?.sourceReference).toBeGreaterThan(0);
  const { content } = await session.client.request('source', {
    ...(frame.source === undefined ? {} : { source: frame.source }),
    sourceReference: frame.source?.sourceReference ?? 0,
  });
  const shown = content
    .split('\n')
    .slice(frame.line - 2, frame.line + 2)
    .join('\n');
  expect(shown).toMatch(/AllocateCommonBuffer|ALLOCATE_COMMON_BUFFER/);
});

test('a source that is none is refused', async () => {
  const { client } = await standing({ functions: [{ name: 'Add' }] });
  await expect(
    client.request('source', { source: { path: '/etc/passwd' }, sourceReference: 0 }),
  ).rejects.toThrow(/no source/);
});

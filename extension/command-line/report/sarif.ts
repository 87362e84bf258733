/** SARIF 2.1.0, which code scanning services read. */
import {
  type Diagnostic,
  lintRules,
  positionAt,
  type Severity,
  type SourceRange,
} from '../../../engine/index.ts';
import { pageText } from '../../language-server/documentation.ts';

const levels: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'note',
  hint: 'note',
};

/** @param folder what file addresses are relative to. */
export function sarifReport(
  findings: readonly Diagnostic[],
  version: string,
  folder: string,
): string {
  const used = [...new Set(findings.map((finding) => finding.code))].sort();
  const rules = used.map((code) => {
    const page = pageText(`docs/lint/${code}.md`);
    return {
      id: code,
      shortDescription: { text: lintRules.find((rule) => rule.code === code)?.title ?? code },
      ...(page === undefined ? {} : { help: { text: page, markdown: page } }),
    };
  });
  const results = findings.map((finding) => ({
    ruleId: finding.code,
    ruleIndex: used.indexOf(finding.code),
    level: levels[finding.severity],
    message: { text: finding.message },
    locations: [{ physicalLocation: physicalLocation(finding.range, folder) }],
    ...(finding.related === undefined
      ? {}
      : {
          relatedLocations: finding.related.map(({ message, range }, index) => ({
            id: index + 1,
            message: { text: message },
            physicalLocation: physicalLocation(range, folder),
          })),
        }),
  }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'driver-memory-scenarios', version, rules } }, results }],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function physicalLocation({ file, start, end }: SourceRange, folder: string): object {
  const from = positionAt(file, start);
  const to = positionAt(file, end);
  const path = file.path.startsWith(`${folder}/`) ? file.path.slice(folder.length + 1) : file.path;
  return {
    artifactLocation: { uri: encodeURI(path) },
    region: {
      startLine: from.line,
      startColumn: from.column,
      endLine: to.line,
      endColumn: to.column,
    },
  };
}

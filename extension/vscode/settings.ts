/** The one reader of the extension's settings. */
import * as vscode from 'vscode';

export type LanguageFeatures = 'auto' | 'on' | 'off';

/** Whether hover, definition and completion are given in `.c` and `.h` files. */
export function languageFeaturesInC(): LanguageFeatures {
  const value = vscode.workspace
    .getConfiguration('dms')
    .get<LanguageFeatures>('c.languageFeatures');
  return value ?? 'auto';
}

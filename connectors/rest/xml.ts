import { XMLBuilder } from 'fast-xml-parser';
import { isJsonObject, type Json } from '../../engine/json.ts';
import { brokenContract } from './broken-contract.ts';

const XML = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '_', textNodeName: '_text', suppressBooleanAttributes: false });

/** A tree as XML: one element at the root; names that begin with `_` are attributes, `_text` is the text beside them, a list repeats its element, a null is an empty one. */
export function writeXml(tree: Json, where: string): string {
  if (!isJsonObject(tree) || Object.keys(tree).length !== 1)
    throw brokenContract(`${where}: XML has one element at its root; the body describes ${isJsonObject(tree) ? Object.keys(tree).length : 'none'}.`);
  return `<?xml version="1.0" encoding="UTF-8"?>${XML.build(tree)}`;
}

import type { Rule } from './rule.ts'
import { contractsStandAlone, domainIsPure, layers, serviceImportsService } from './rules/layers.ts'
import { callHasPact } from './rules/pacts.ts'
import { refusalHasTest, routeHasPermission, uniqueTestTitles } from './rules/promises.ts'
import { depth, importOrder, kebabNames, migrationOrder, roomIsWhole } from './rules/rooms.ts'
import { fileLines, functionLines, noBarrel, noImportCycle } from './rules/shape.ts'
import { docLinks, noConsole, noMachinePaths, noUnfinishedMarks } from './rules/text.ts'
import { noOutsideWorkInTx, publishOnTx, sqlInStore } from './rules/transactions.ts'
import { defaultByNullish, noFloatMoney } from './rules/values.ts'

/** Every rule of the house. */
export const rules: readonly Rule[] = [
  layers,
  serviceImportsService,
  contractsStandAlone,
  callHasPact,
  domainIsPure,
  importOrder,
  noImportCycle,
  noBarrel,
  depth,
  fileLines,
  functionLines,
  defaultByNullish,
  noFloatMoney,
  publishOnTx,
  noOutsideWorkInTx,
  sqlInStore,
  uniqueTestTitles,
  refusalHasTest,
  routeHasPermission,
  roomIsWhole,
  kebabNames,
  migrationOrder,
  noConsole,
  noUnfinishedMarks,
  noMachinePaths,
  docLinks,
]

// `make golden`: writes the golden files of test/golden/ again from proto/, prints the lines that change, and warns when the
// change breaks a released client.
import { fileURLToPath } from "node:url";
import { buildDescriptorSet, readDescriptors } from "../runner/client/descriptors.js";
import { renewGolden } from "../runner/golden/check-golden.js";
import { suite } from "../suite/suite.js";

const descriptorSet = await buildDescriptorSet(fileURLToPath(new URL("../proto", import.meta.url)));
const { findings, lines } = renewGolden(readDescriptors(descriptorSet), fileURLToPath(suite.golden), suite.clients);
for (const line of lines) console.log(line);
const broken = findings.filter(({ kind }) => kind === "broken");
for (const { sentence } of broken) console.error(`warning: ${sentence}`);
if (broken.length > 0)
  console.error("The golden files no longer show this: commit them only if no such client is left.");

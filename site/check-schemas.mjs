// Compiles the published schemas with ajv in strict mode, and validates files with them:
//
//   node check-schemas.mjs DIR FILE...
//
// DIR has the schemas. Each FILE must be valid.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import Ajv from 'ajv/dist/2020.js'

const [dir, ...files] = process.argv.slice(2)
const site = 'https://kubectl-blueprint.github.io/kubectl-blueprint/schemas/'
const ajv = new Ajv({ strict: true, strictRequired: false, strictTypes: false, allErrors: true, allowUnionTypes: true })
ajv.addVocabulary([
  'x-deprecated', 'x-ignored', 'x-kubernetes', 'x-kubernetes-fields', 'x-references', 'x-refused', 'x-text', 'x-unsupported', 'x-wanted'
])

let failed = false
function fail(message) {
  console.error(message)
  failed = true
}

for (const name of readdirSync(dir)) {
  const schema = JSON.parse(readFileSync(join(dir, name), 'utf8'))
  if (schema.$id !== site + name) fail(`${name}: $id is ${schema.$id}`)
  ajv.addSchema(schema)
}
for (const name of readdirSync(dir)) {
  try {
    const validate = ajv.getSchema(site + name)
    for (const example of JSON.parse(readFileSync(join(dir, name), 'utf8')).examples ?? []) {
      if (!validate(example)) fail(`${name}: example: ${ajv.errorsText(validate.errors)}`)
    }
  } catch (error) {
    fail(`${name}: ${error.message}`)
  }
}
const validate = failed ? () => true : ajv.getSchema(`${site}blueprint.schema.json`)
for (const file of files) {
  if (!validate(JSON.parse(readFileSync(file, 'utf8')))) fail(`${file}: ${ajv.errorsText(validate.errors)}`)
}
// A schema that accepts everything would pass the checks above.
for (const wrong of [{}, { recipe_mode: 'service' }, { secrets_payload: [{ name: 'a' }] }, { deployment_group: {} }]) {
  if (validate(wrong) && !failed) fail(`accepts ${JSON.stringify(wrong)}`)
}
console.log(`${readdirSync(dir).length} schemas, ${files.length} files${failed ? '' : ', all valid'}`)
process.exit(failed ? 1 : 0)

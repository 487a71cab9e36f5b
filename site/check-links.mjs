// Reports links of a built site to pages, files and anchors that do not exist:
//
//   node check-links.mjs DIR
//
// VitePress checks links between pages, but not their anchors.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const dir = process.argv[2]
const base = process.env.SITE_BASE ?? '/kubectl-blueprint/'
const pages = readdirSync(dir, { recursive: true }).filter(name => name.endsWith('.html')).map(name => join(dir, name))

const ids = new Map()
function anchors(file) {
  if (!ids.has(file)) {
    ids.set(file, new Set([...readFileSync(file, 'utf8').matchAll(/\sid="([^"]+)"/g)].map(m => m[1])))
  }
  return ids.get(file)
}

let links = 0
const dead = new Set()
for (const page of pages) {
  for (const [, raw] of readFileSync(page, 'utf8').matchAll(/<a\s[^>]*?href="([^"]*)"/g)) {
    const href = raw.replaceAll('&amp;', '&')
    if (/^[a-z]+:/.test(href)) continue
    links++
    const [path, fragment] = href.split('#').map(decodeURIComponent)
    let file = page
    if (path.startsWith('/')) {
      if (!path.startsWith(base)) {
        dead.add(`${relative(dir, page)}: ${href}: is not below ${base}`)
        continue
      }
      file = join(dir, path.slice(base.length))
    } else if (path !== '') {
      file = join(dirname(page), path)
    }
    if (existsSync(file) && statSync(file).isDirectory()) file = join(file, 'index.html')
    if (!existsSync(file)) {
      dead.add(`${relative(dir, page)}: ${href}: page not found`)
    } else if (fragment && file.endsWith('.html') && !anchors(file).has(fragment)) {
      dead.add(`${relative(dir, page)}: ${href}: anchor not found`)
    }
  }
}
for (const link of dead) console.error(link)
console.log(`${pages.length} pages, ${links} links, ${dead.size} dead`)
process.exit(dead.size === 0 && links > 0 ? 0 : 1)

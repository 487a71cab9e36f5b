import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { sidebar } from './sidebar'

// hack/docs.sh copies the pages next to this directory.
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const repository = 'https://github.com/kubectl-blueprint/kubectl-blueprint'
const base = process.env.SITE_BASE ?? '/kubectl-blueprint/'

// The pages besides those in docs/.
const pages = ['CHANGELOG.md', 'CODE_OF_CONDUCT.md', 'CONTRIBUTING.md', 'SECURITY.md', 'charts/blueprint/README.md']

const isPage = (path: string) =>
  (pages.includes(path) || (path.startsWith('docs/') && path.endsWith('.md'))) && existsSync(join(root, path))

// slug returns the anchor that GitHub makes of a heading, so that links work in both places.
const slug = (heading: string) => heading.toLowerCase().replace(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-')

// target returns where a relative link leads: to a page of the site, or to the file on GitHub.
function target(href: string, page: string): string {
  if (href === '' || /^([a-z]+:|#|\/)/.test(href)) return href
  const [path, fragment] = href.split('#')
  const file = normalize(join(dirname(page), path)).replace(/\/$/, '')
  if (isPage(file)) return href
  const index = `${file}/README.md`
  if (isPage(index)) return `/${index}${fragment ? `#${fragment}` : ''}`
  const kind = /\.[a-z]+$|^LICENSE$/.test(file) ? 'blob' : 'tree'
  return `${repository}/${kind}/main/${file}${fragment ? `#${fragment}` : ''}`
}

export default defineConfig({
  title: 'kubectl blueprint',
  description: 'Deploy AI workloads and their secrets to Kubernetes from JSON or YAML files.',
  lang: 'en-US',
  base,
  outDir: '../site',
  lastUpdated: false,
  vite: {
    build: { chunkSizeWarningLimit: 3000 } // Mermaid, which only pages with diagrams load
  },
  markdown: {
    anchor: { slugify: slug },
    toc: { slugify: slug },
    config(md) {
      const fence = md.renderer.rules.fence!
      md.renderer.rules.fence = (tokens, i, options, env, self) =>
        tokens[i].info.trim() === 'mermaid'
          ? `<Mermaid code="${encodeURIComponent(tokens[i].content)}" />`
          : fence(tokens, i, options, env, self)
      md.core.ruler.push('targets', state => {
        for (const token of state.tokens.flatMap(t => t.children ?? [])) {
          const href = token.type === 'link_open' && token.attrGet('href')
          if (href) token.attrSet('href', target(decodeURI(href), state.env.relativePath))
        }
      })
    }
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: repository }],
    editLink: { pattern: `${repository}/edit/main/:path`, text: 'Edit this page on GitHub' },
    nav: [
      { text: 'Workflows', link: '/docs/workflows/nim' },
      { text: 'Recipes', link: '/docs/recipes' },
      { text: 'Troubleshooting', link: '/docs/troubleshooting' }
    ],
    sidebar: sidebar(root)
  }
})

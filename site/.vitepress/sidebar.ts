import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

type Item = { text: string; link: string }

// sidebar returns the pages of the site by topic. It leaves out pages that do not exist,
// so that a page can be added or removed without a change here.
export function sidebar(root: string) {
  const page = (text: string, link: string): Item => ({ text, link })
  const group = (text: string, items: Item[], collapsed?: boolean) => ({
    text,
    collapsed,
    items: items.filter(item => existsSync(join(root, `${item.link.replace(/#.*/, '')}.md`)))
  })
  return [
    group('Start', [
      page('Installation', '/docs/install'),
      page('Comparison', '/docs/comparison'),
      page('Migration from the API', '/docs/migration'),
      page('FAQ', '/docs/faq')
    ]),
    group('Workflows', [
      page('NVIDIA NIM', '/docs/workflows/nim'),
      page('Hugging Face model', '/docs/workflows/huggingface'),
      page('Private registry', '/docs/workflows/private-registry'),
      page('Fine-tuning job', '/docs/workflows/finetuning-job'),
      page('Group of services', '/docs/workflows/group'),
      page('GitOps', '/docs/gitops'),
      page('Continuous integration', '/docs/ci'),
      page('Editors', '/docs/editors')
    ]),
    group('Guides', [
      page('Deploying recipes', '/docs/deploy'),
      page('Managing Secrets', '/docs/secrets'),
      page('Object storage', '/docs/object-storage')
    ]),
    group('Troubleshooting', [
      page('Preflight findings', '/docs/findings'),
      page('Crashes of containers', '/docs/troubleshooting')
    ]),
    group('Reference', [
      page('Recipes', '/docs/recipes'),
      page('Output for scripts', '/docs/output'),
      page('Chart', '/charts/blueprint/README'),
      page('Coverage of public samples', '/docs/coverage'),
      page('Compatibility', '/docs/compatibility')
    ]),
    group('Commands', commands(root), true),
    group('Project', [
      page('Security', '/SECURITY'),
      page('Versioning', '/docs/versioning'),
      page('Changelog', '/CHANGELOG'),
      page('Contributing', '/CONTRIBUTING'),
      page('Dependencies', '/docs/dependencies')
    ])
  ].filter(group => group.items.length > 0)
}

// commands returns the pages of the generated command reference.
function commands(root: string): Item[] {
  const dir = join(root, 'docs/reference')
  if (!existsSync(dir)) return []
  return readdirSync(dir)
    .filter(file => file.endsWith('.md'))
    .sort((a, b) => Number(b === 'README.md') - Number(a === 'README.md') || a.localeCompare(b))
    .map(file => file.replace(/\.md$/, ''))
    .map(name => ({ text: name === 'README' ? 'Overview' : name.replaceAll('_', ' '), link: `/docs/reference/${name}` }))
}

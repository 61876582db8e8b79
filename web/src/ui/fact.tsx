import { Anchor, Text } from '@mantine/core'
import type { ReactNode } from 'react'

/** One fact by its name; nothing when it is not known. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined || children === false || children === '') return null
  return (
    <Text size="sm" component="div" style={{ overflowWrap: 'anywhere' }}>
      <Text span size="xs" c="dimmed">
        {name}:{' '}
      </Text>
      {children}
    </Text>
  )
}

/** A name and what it says, of a `dl`; nothing when it is not known. */
export function Term({ name, children }: { name: string; children: ReactNode }) {
  if (children === null) return null
  return (
    <div>
      <Text size="xs" c="dimmed" component="dt">
        {name}
      </Text>
      <Text size="sm" component="dd" m={0} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-line' }}>
        {children}
      </Text>
    </div>
  )
}

/** A link only when it is one: what an archive claims must not run anything here. */
export function SourceLink({ address }: { address: string }) {
  if (!/^https?:\/\//i.test(address)) return address
  return (
    <Anchor href={address} target="_blank" rel="noreferrer noopener" size="sm">
      {address}
    </Anchor>
  )
}

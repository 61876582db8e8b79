import { expect, test } from 'vitest'
import { enrol, testPhoto } from '../../test/support/enrolled-record.ts'
import { examine, leadBureau, type Bureau } from '../../test/support/lead-bureau.ts'
import { madeUpAgency } from '../../test/support/made-up-accounts.ts'
import { writeByHand } from '../../test/support/write-by-hand.ts'
import { createCollection } from '../collections/create-collection.ts'
import { grantCollection, revokeCollection } from '../collections/grant-collection.ts'
import { changeRow } from '../store/tables/change-row.ts'
import { FILLERS, type Lineup } from './choose-fillers.ts'
import { returnLineup, takeLineup } from './take-lineup.ts'

const operator = { kind: 'operator' as const, name: 'tester' }
const STRANGERS = 9

/** A bureau whose own collection holds nobody but the candidate, beside a collection that another agency has lent to it. */
async function begin() {
  const bureau = await leadBureau(undefined, 1)
  const { ctx } = bureau
  const lender = await madeUpAgency(ctx.store, 'Lender')
  const { id: collectionId } = await createCollection(ctx, operator, {
    title: 'Lent',
    lawfulBasis: 'test',
    agency: 'Lender',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  const photos = Array.from({ length: STRANGERS }, (_, at) => testPhoto(`lent-${at}.jpg`))
  await enrol(ctx.store, photos, 'Lent')
  const grant = { collectionId, agencyId: bureau.eva.agencyId! }
  await examine(bureau, 'same_strong')
  return { bureau, lender, grant }
}

async function collectionsOfFillers({ ctx: { store } }: Bureau, id: string): Promise<string[]> {
  const row = await store.db
    .selectFrom('verification')
    .select('lineup')
    .where('id', '=', id)
    .executeTakeFirst()
  const { faces } = JSON.parse(row!.lineup!) as Lineup
  const fillers = faces.filter(({ role }) => role === 'filler').map(({ mediaId }) => mediaId)
  const rows = await store.db
    .selectFrom('media_in_collection')
    .select('collection_id')
    .where('media_id', 'in', fillers)
    .execute()
  return rows.map(({ collection_id }) => collection_id)
}

test('fillers come from a granted collection while it is granted, and from none whose grant was withdrawn', async () => {
  const { bureau, grant } = await begin()
  const { ctx, vera, theo } = bureau
  await expect(takeLineup(ctx, vera)).rejects.toMatchObject({ code: 'too_few_fillers' })

  await grantCollection(ctx, operator, grant)
  const id = await takeLineup(ctx, vera)
  expect(await collectionsOfFillers(bureau, id!)).toEqual(Array(FILLERS).fill(grant.collectionId))
  await returnLineup(ctx, vera, { id: id!, reason: 'test' })

  await revokeCollection(ctx, operator, grant)
  await expect(takeLineup(ctx, theo)).rejects.toMatchObject({ code: 'too_few_fillers' })
  expect(await waiting(bureau)).toBe(1)

  await grantCollection(ctx, operator, grant)
  const again = await takeLineup(ctx, theo)
  expect(await collectionsOfFillers(bureau, again!)).toHaveLength(FILLERS)
})

test('a candidate whose grant was withdrawn gets no line-up: the one gap among the pictures would be the candidate', async () => {
  const { bureau, lender, grant } = await begin()
  const { ctx, vera } = bureau
  await createCollection(ctx, operator, {
    title: 'Own',
    lawfulBasis: 'test',
    agency: 'Test agency',
    sensitivity: 'ordinary',
    retentionUntil: undefined,
  })
  await enrol(
    ctx.store,
    Array.from({ length: STRANGERS }, (_, at) => testPhoto(`own-${at}.jpg`)),
    'Own',
  )
  // The candidate's collection is the lender's from now on.
  const own = await ctx.store.db
    .selectFrom('collection')
    .selectAll()
    .where('title', '=', 'Test')
    .executeTakeFirstOrThrow()
  const lent = { collectionId: own.id, agencyId: grant.agencyId }
  await writeByHand(ctx.store, async (tx) => {
    await changeRow(tx, 'collection', own.id, { agency_id: lender })
  })
  await expect(takeLineup(ctx, vera)).rejects.toMatchObject({ code: 'not_found' })
  expect(await waiting(bureau)).toBe(1)
  await grantCollection(ctx, operator, lent)
  expect(await takeLineup(ctx, vera)).toBeDefined()
})

async function waiting({ ctx: { store } }: Bureau): Promise<number> {
  const rows = await store.db.selectFrom('verification').select('id').where('state', '=', 'waiting').execute()
  return rows.length
}

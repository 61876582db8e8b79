import { z } from 'zod'
import { defineEndpoints } from './endpoint.ts'
import { day, hold, id, idParams, line, text, time } from './values.ts'

const tag = 'Collections'
const sensitivity = z.enum(['ordinary', 'sensitive', 'restricted'])
const collection = z.object({
  id,
  agencyId: id,
  agency: z.string(),
  title: z.string(),
  lawfulBasis: z.string(),
  sensitivity,
  retentionUntil: day.nullable(),
  createdAt: time,
  photos: z.int(),
  videos: z.int(),
  faces: z.int().describe('Of photos; of a video each track counts as one'),
  isOwn: z.boolean().describe('Whether the own agency owns it; else it was granted'),
})

/** Collections, their erasure, grants of them to other agencies, legal holds. */
export const collectionEndpoints = defineEndpoints({
  listCollections: {
    method: 'GET',
    path: '/collections',
    access: 'collection.read',
    tag,
    summary: 'Collections that the agency owns or was granted',
    reply: z.array(collection),
  },
  createCollection: {
    method: 'POST',
    path: '/collections',
    access: 'collection.change',
    tag,
    summary: 'Open a collection of the own agency',
    body: z.object({
      title: line,
      lawfulBasis: text.max(2000),
      sensitivity,
      retentionUntil: day.optional(),
    }),
    reply: z.object({ id, title: z.string() }),
    status: 201,
    idempotent: true,
  },
  changeCollection: {
    method: 'PUT',
    path: '/collections/:id',
    access: 'collection.change',
    tag,
    summary: 'Change title or retention date of an own collection; lawful basis and sensitivity stay',
    params: idParams,
    body: z.object({
      title: line.optional(),
      retentionUntil: day.nullable().optional(),
      reason: text.describe('Goes into the audit log'),
    }),
  },
  eraseFromCollection: {
    method: 'POST',
    path: '/collections/:id/erasures',
    access: 'collection.erase',
    tag,
    summary:
      'Erase photos and videos of an own collection with all that was made of them; a tombstone remains',
    params: idParams,
    body: z.object({
      media: z.array(id).min(1).max(100),
      reason: text.describe('Stays in the tombstone; must not say who or what is erased'),
    }),
    reply: z.object({
      media: z.int().describe('Erased'),
      faces: z.int().describe('With them; of a video each track counts as one'),
      sources: z.int().describe('Taken away from photos and videos that another collection holds too'),
      tombstoneId: id,
    }),
  },
  grantCollection: {
    method: 'PUT',
    path: '/collections/:id/grants/:agencyId',
    access: 'collection.change',
    tag,
    summary: 'Let another agency search an own collection',
    params: idParams.extend({ agencyId: id }),
  },
  revokeCollection: {
    method: 'DELETE',
    path: '/collections/:id/grants/:agencyId',
    access: 'collection.change',
    tag,
    summary: 'End a grant; what the other agency has found stays listed, without pictures and sources',
    params: idParams.extend({ agencyId: id }),
  },
  listGrants: {
    method: 'GET',
    path: '/collections/:id/grants',
    access: 'collection.read',
    tag,
    summary: 'Agencies that may search an own collection',
    params: idParams,
    reply: z.array(z.object({ agencyId: id, agency: z.string(), grantedBy: z.string(), grantedAt: time })),
  },
  imposeHold: {
    method: 'POST',
    path: '/collections/:id/holds',
    access: 'collection.hold',
    tag,
    summary: 'Legal hold: nothing of an own collection is erased, whatever its date, until it is lifted',
    params: idParams,
    body: z.object({ reason: text }),
    reply: hold,
    status: 201,
    idempotent: true,
  },
  listHolds: {
    method: 'GET',
    path: '/collections/:id/holds',
    access: 'collection.read',
    tag,
    summary: 'Legal holds of an own collection, newest first, with those that were lifted',
    params: idParams,
    reply: z.array(hold),
  },
  liftHold: {
    method: 'POST',
    path: '/holds/:id/lift',
    access: 'collection.hold',
    tag,
    summary: 'Lift a legal hold; what has passed its date is erased from then on',
    params: idParams,
    body: z.object({ reason: text }),
    reply: hold,
  },
})

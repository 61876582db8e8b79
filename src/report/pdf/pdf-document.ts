import type PDFDocument from 'pdfkit'

export type Pdf = InstanceType<typeof PDFDocument>

export type Weight = 400 | 700

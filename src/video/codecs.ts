/**
 * Decoders that may run on videos: what phones, cameras, messengers, television and web pages write. Everything else that
 * FFmpeg could decode, some hundreds of formats of which many are rarely looked after, stays shut.
 */
const CODECS = `
  h264 hevc libdav1d av1 vp8 vp9 mpeg4 mpeg1video mpeg2video h263 h261 mjpeg msmpeg4v2 msmpeg4 msmpeg4v3 wmv1 wmv2 wmv3 vc1
  theora prores dvvideo rawvideo ffv1 huffyuv svq1 svq3 cinepak flv dnxhd
  aac aac_latm mp3 mp3float mp2 mp2float opus libopus vorbis ac3 eac3 flac alac amrnb amrwb pcm_s16le pcm_s16be pcm_s24le
  pcm_u8 pcm_alaw pcm_mulaw adpcm_ima_wav adpcm_ms wmav1 wmav2
`

/** As FFmpeg takes it. */
export const CODEC_ALLOW_LIST = CODECS.trim().split(/\s+/).join(',')

/** Videos: moments, tracks, the player. */
export const video = {
  video: {
    at: '{{time}} of {{of}} · track {{track}}',
    best: 'best',
    copyHelp: 'A copy that browsers play is made when first asked for. The original stays untouched.',
    facts: 'Video',
    factsAre: '{{duration}}, {{codec}}, tracks: {{tracks}}',
    failed: 'The copy cannot be played. Try again in a moment; if it goes on, tell the operator.',
    making: 'The copy is being made. A long video takes minutes.',
    note: 'Not all of this video was read: {{note}}',
    onTheWay: '{{name}}: {{time}} of {{of}} read, {{frames}} frames, {{faces}} faces seen',
    play: 'Play from {{time}}',
    searchHelp:
      'The frames become photos of this case; of the whole track the best ones, searched as one person. Which frame of which video they are stands in the record.',
    searchMoment: 'Search with {{time}}',
    searchTrack: 'Search with the whole track',
    sending: 'Sending {{name}}: {{percent}}',
    stillAlt: 'Face at {{time}}',
    strip: 'The same face through the track',
    title: 'In the video',
    track:
      'Track {{track}}, from {{from}} to {{to}} of {{of}}: one face as the program followed it. That it is one person all along is for you to see.',
    tracks: 'Tracks: the best frame of each face that was followed',
  },
}

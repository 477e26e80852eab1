package acm

// freeImported: AWS says that it bills nothing.
const freeImported = "AWS Certificate Manager pricing: billed are private authorities and certificates that can be exported"

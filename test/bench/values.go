package main

import (
	"fmt"
	"math/rand/v2"
)

// secretName is the name of the ith secret.
func secretName(i int) string { return fmt.Sprintf("bench-%05d", i) }

// secretValues are two values of the size of keys and tokens. They are made
// up, and the same each time, so that every process can have them without a
// file. An update takes a secret from one generation to the next.
func secretValues(i, generation int) map[string]string {
	random := rand.New(rand.NewPCG(uint64(i), uint64(generation)))
	return map[string]string{
		"API_KEY":  "nvapi-" + text(random, 40+random.IntN(55)),
		"hf-token": "hf_" + text(random, 37),
	}
}

func text(random *rand.Rand, length int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	b := make([]byte, length)
	for i := range b {
		b[i] = letters[random.IntN(len(letters))]
	}
	return string(b)
}

// secretData are the same values as the API has them.
func secretData(i, generation int) map[string][]byte {
	data := map[string][]byte{}
	for key, value := range secretValues(i, generation) {
		data[key] = []byte(value)
	}
	return data
}

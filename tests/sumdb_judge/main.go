// Lets the code that guards Go's module checksums judge a log of ours, without any code of ours.
//
// Usage: sumdb_judge FOLDER VKEY SEED [PROOFS]    FOLDER is what `factum export --out FOLDER` writes
//
// The note is opened by sumdb/note; every tile is read through sumdb/tlog, which checks it against
// the signed root; random leaves, trees and their tampered twins are tried, and the proofs of single
// events in the folder PROOFS. Exit code 1 and a line
// that says why if anything is not as it should be.
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height     = 8
	width      = 1 << height
	entryBytes = 48
	leaves     = 200
	trees      = 50
)

func must(err error, what string) {
	if err != nil {
		fmt.Printf("%s: %v\n", what, err)
		os.Exit(1)
	}
}

func require(holds bool, what string) {
	if !holds {
		must(fmt.Errorf("does not hold"), what)
	}
}

// The files of a log. Tiles are tile/8/L/N for sumdb and tile/L/N for us.
type folder struct {
	path  string
	spoil func(path string, data []byte) // changes what is read; nil = nothing
}

func (f folder) Height() int { return height }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) read(path string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(f.path, path))
	if err == nil && f.spoil != nil {
		f.spoil(path, data)
	}
	return data, err
}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := f.read(path)
		if err != nil {
			return nil, err
		}
		all[i] = data
	}
	return all, nil
}

// The 48 bytes of a leaf.
func (f folder) entry(index, size int64) []byte {
	tile := tlog.Tile{H: height, L: 0, N: index / width, W: width}
	if left := size - tile.N*width; left < width {
		tile.W = int(left)
	}
	path := "tile/entries/" + strings.TrimPrefix(tile.Path(), "tile/8/0/")
	data, err := f.read(path)
	must(err, "reading entries")
	require(len(data) == tile.W*(2+entryBytes), path+" has the length of its entries")
	at := int(index%width) * (2 + entryBytes)
	require(data[at] == 0 && data[at+1] == entryBytes, path+" says how long its entries are")
	return data[at+2 : at+2+entryBytes]
}

// What a checkpoint signed by the key says. sumdb's own parser knows only the origin of Go.
func openCheckpoint(data []byte, vkey string) (tlog.Tree, string) {
	verifier, err := note.NewVerifier(vkey)
	must(err, "the key")
	opened, err := note.Open(data, note.VerifierList(verifier))
	must(err, "the note")
	lines := strings.Split(opened.Text, "\n")
	require(len(lines) == 4 && lines[3] == "", "the checkpoint has three lines")
	require(lines[0] == verifier.Name(), "the origin is the name of the key")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "the size")
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err, "the root")
	tree := tlog.Tree{N: size}
	require(copy(tree.Hash[:], root) == tlog.HashSize, "the root has 32 bytes")
	for at := range opened.Text {
		bad := append([]byte{}, data...)
		bad[at] ^= 1
		_, err := note.Open(bad, note.VerifierList(verifier))
		require(err != nil, fmt.Sprintf("byte %d of the note is signed", at))
	}
	return tree, lines[0]
}

// Every leaf, so that every tile is read and checked against the root.
func checkEveryLeaf(log folder, tree tlog.Tree, reader tlog.HashReader) {
	for first := int64(0); first < tree.N; first += width {
		var indexes []int64
		for index := first; index < first+width && index < tree.N; index++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, index))
		}
		hashes, err := reader.ReadHashes(indexes)
		must(err, fmt.Sprintf("the tiles above leaf %d", first))
		for i, hash := range hashes {
			index := first + int64(i)
			require(hash == tlog.RecordHash(log.entry(index, tree.N)), fmt.Sprintf("leaf %d", index))
		}
	}
}

func checkLeaves(log folder, tree tlog.Tree, reader tlog.HashReader, random *rand.Rand) {
	for i := 0; i < leaves; i++ {
		index := random.Int63n(tree.N)
		entry := log.entry(index, tree.N)
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		must(err, "proving a leaf")
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)), "a leaf")
		entry[random.Intn(entryBytes)] ^= 1 << random.Intn(8)
		err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
		require(err != nil, "a tampered leaf is refused")
	}
}

func checkTrees(tree tlog.Tree, reader tlog.HashReader, random *rand.Rand) {
	for i := 0; i < trees; i++ {
		old := 1 + random.Int63n(tree.N)
		root, err := tlog.TreeHash(old, reader)
		must(err, "an older root")
		proof, err := tlog.ProveTree(tree.N, old, reader)
		must(err, "proving a tree")
		must(tlog.CheckTree(proof, tree.N, tree.Hash, old, root), "an older tree")
		root[random.Intn(tlog.HashSize)] ^= 1
		require(tlog.CheckTree(proof, tree.N, tree.Hash, old, root) != nil, "another past is refused")
	}
}

// A changed byte anywhere in a tile that leads to a leaf is noticed.
func checkSpoiltTiles(log folder, tree tlog.Tree, random *rand.Rand) {
	for i := 0; i < leaves; i++ {
		spoilt := log
		changed := false
		spoilt.spoil = func(path string, data []byte) {
			if !changed && strings.HasPrefix(path, "tile/") {
				data[random.Intn(len(data))] ^= 1 << random.Intn(8)
				changed = true
			}
		}
		index := random.Int63n(tree.N)
		_, err := tlog.TileHashReader(tree, spoilt).ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		require(changed && err != nil, "a changed tile is refused")
	}
}

// The tlog-proofs that the log gives: PROOFS is a folder of files N.tlog-proof for positions N.
func checkProofs(log folder, tree tlog.Tree, note []byte, path string) int {
	files, err := filepath.Glob(filepath.Join(path, "*.tlog-proof"))
	must(err, "listing proofs")
	for _, file := range files {
		data, err := os.ReadFile(file)
		must(err, "reading a proof")
		head, checkpoint, _ := bytes.Cut(data, []byte("\n\n"))
		require(bytes.Equal(checkpoint, note), "the proof is for the checkpoint")
		lines := strings.Split(string(head), "\n")
		require(lines[0] == "c2sp.org/tlog-proof@v1", "the first line of a proof")
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
		must(err, "the index of a proof")
		var proof tlog.RecordProof
		for _, line := range lines[2:] {
			hash, err := tlog.ParseHash(line)
			must(err, "a hash of a proof")
			proof = append(proof, hash)
		}
		leaf := tlog.RecordHash(log.entry(index, tree.N))
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf), file)
	}
	return len(files)
}

func main() {
	if len(os.Args) != 4 && len(os.Args) != 5 {
		fmt.Println("usage: sumdb_judge FOLDER VKEY SEED [PROOFS]")
		os.Exit(2)
	}
	seed, err := strconv.ParseInt(os.Args[3], 10, 64)
	must(err, "the seed")
	random := rand.New(rand.NewSource(seed))
	log := folder{path: os.Args[1]}
	data, err := log.read("checkpoint")
	must(err, "reading the checkpoint")
	tree, origin := openCheckpoint(data, os.Args[2])
	reader := tlog.TileHashReader(tree, log)
	checkEveryLeaf(log, tree, reader)
	checkLeaves(log, tree, reader, random)
	checkTrees(tree, reader, random)
	checkSpoiltTiles(log, tree, random)
	proofs := 0
	if len(os.Args) == 5 {
		proofs = checkProofs(log, tree, data, os.Args[4])
		require(proofs > 0, "there are proofs")
	}
	fmt.Printf("%s: %d leaves; %d inclusions, %d consistencies and %d proofs of the log hold, %d "+
		"tampered ones are refused\n", origin, tree.N, leaves, trees, proofs, 2*leaves+trees)
}

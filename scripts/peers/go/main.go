// Go's answer to the same job: goroutines that read and write, and a fixed set of workers behind
// a channel.
//
//	server PORT WORKERS echo|cpu
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
)

const (
	bufferSize = 64 << 10
	maxLine    = 1 << 20
	queueSize  = 1024 // lines that wait for a worker, and replies that wait for their turn
)

// A request is one line on its way to a worker; its reply comes back on its own channel.
type request struct {
	line  []byte
	reply chan<- []byte
}

type handler func(reply, line []byte) []byte

func echo(reply, line []byte) []byte {
	return append(reply, line...)
}

// cpu is SHA-256, 200 times over.
func cpu(reply, line []byte) []byte {
	digest := sha256.Sum256(line)
	for round := 2; round <= 200; round++ {
		digest = sha256.Sum256(digest[:])
	}
	return append(reply, hex.EncodeToString(digest[:])...)
}

func work(id int, queue <-chan request, handle handler) {
	prefix := strconv.Itoa(id) + " "
	for r := range queue {
		reply := make([]byte, 0, len(prefix)+max(len(r.line), 2*sha256.Size)+1)
		reply = handle(append(reply, prefix...), r.line)
		r.reply <- append(reply, '\n')
	}
}

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}

// read frames the connection's lines, gives each to the workers, and its place in the order to
// the writer. A half-close ends it; the writer then still writes what is under way.
func read(conn net.Conn, queue chan<- request, ordered chan<- (<-chan []byte)) {
	defer close(ordered)
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, bufferSize), maxLine)
	for lines.Scan() {
		line := append([]byte(nil), lines.Bytes()...) // the scanner reuses its buffer
		reply := make(chan []byte, 1)
		queue <- request{line, reply}
		ordered <- reply
	}
}

// write writes the replies in the order of the lines, and flushes when it would have to wait. After
// an error it only takes what comes, so that the reader is never stuck.
func write(conn net.Conn, ordered <-chan (<-chan []byte)) {
	defer conn.Close()
	out := bufio.NewWriterSize(conn, bufferSize)
	var failed error
	for reply := range ordered {
		var text []byte
		select {
		case text = <-reply:
		default:
			if failed == nil {
				failed = out.Flush()
			}
			text = <-reply
		}
		if failed == nil {
			_, failed = out.Write(text)
		}
		if len(ordered) == 0 && failed == nil {
			failed = out.Flush()
		}
	}
}

func main() {
	workers, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	handle := map[string]handler{"echo": echo, "cpu": cpu}[os.Args[3]]
	queue := make(chan request, queueSize)
	for id := 1; id <= workers; id++ {
		go work(id, queue, handle)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", os.Args[1]))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on %s\n", listener.Addr())
	for {
		conn, err := listener.Accept() // TCP_NODELAY is on unless turned off
		if err != nil {
			log.Fatal(err)
		}
		ordered := make(chan (<-chan []byte), queueSize)
		go read(conn, queue, ordered)
		go write(conn, ordered)
	}
}

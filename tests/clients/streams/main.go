// streams ADDRESS COUNT: streams COUNT texts of 1 to 200 bytes by each stream call with grpc-go, and checks that each
// is answered, over one connection. Messages are written field by field, so that no generated code is needed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protowire"
)

// Fields of Document and AnalyzeRequest.
const (
	documentText     = 2
	documentLanguage = 7
	analyzeText      = 1
	analyzeLanguage  = 3
)

// raw leaves messages as the bytes that they are.
type raw struct{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(v any) ([]byte, error) { return v.([]byte), nil }

func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

// field writes a field whose content has a length: a string or a message.
func field(number protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), content)
}

func join(parts ...[]byte) (all []byte) {
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

func text(n int) []byte {
	return []byte((strconv.Itoa(n) + strings.Repeat(" some words", 20))[:1+n%200])
}

// An IngestStreamRequest with an item: client_id = 1, document_id = 2, document = 3 {text = 2, language = 7}.
func item(n int) []byte {
	id := []byte(strconv.Itoa(n))
	document := join(field(documentText, text(n)), field(documentLanguage, []byte("zz")))
	return field(2, join(field(1, id), field(2, append([]byte("go-"), id...)), field(3, document)))
}

// An AnalyzeStreamRequest: id = 1, request = 2 {text, language}.
func question(n int) []byte {
	request := join(field(analyzeText, text(n)), field(analyzeLanguage, []byte("zz")))
	return join(field(1, []byte(strconv.Itoa(n))), field(2, request))
}

// has says whether a message has the field set.
func has(message []byte, wanted protowire.Number) bool {
	for len(message) > 0 {
		number, kind, length := protowire.ConsumeTag(message)
		if number == wanted || length < 0 {
			return number == wanted
		}
		message = message[length:]
		message = message[protowire.ConsumeFieldValue(number, kind, message):]
	}
	return false
}

// stream sends all messages and counts the answers in which `good` is set.
func stream(connection *grpc.ClientConn, method string, messages func(yield func([]byte) bool), good protowire.Number) (int, error) {
	description := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
	call, err := connection.NewStream(context.Background(), description, method)
	if err != nil {
		return 0, err
	}
	go func() {
		for message := range messages {
			if call.SendMsg(message) != nil {
				return // the answers say why
			}
		}
		call.CloseSend()
	}()
	answered := 0
	for {
		var answer []byte
		if err := call.RecvMsg(&answer); errors.Is(err, io.EOF) {
			return answered, nil
		} else if err != nil {
			return answered, err
		}
		if has(answer, good) {
			answered++
		}
	}
}

func main() {
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	var connections atomic.Int32
	dial := func(ctx context.Context, address string) (net.Conn, error) {
		connections.Add(1)
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	connection, err := grpc.NewClient("passthrough:///"+os.Args[1], grpc.WithContextDialer(dial),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{})))
	if err != nil {
		log.Fatal(err)
	}
	all := func(first []byte, message func(int) []byte) func(func([]byte) bool) {
		return func(yield func([]byte) bool) {
			if first != nil && !yield(first) {
				return
			}
			for n := 0; n < count && yield(message(n)); n++ {
			}
		}
	}
	for _, run := range []struct {
		method   string
		messages func(func([]byte) bool)
		good     protowire.Number
	}{
		{"/dictum.v1.DocumentService/IngestStream", all(field(1, nil), item), 2},
		{"/dictum.v1.AnalysisService/AnalyzeStream", all(nil, question), 2},
	} {
		started := time.Now()
		answered, err := stream(connection, run.method, run.messages, run.good)
		if err != nil || answered != count {
			log.Fatalf("%s: %d of %d answered: %v", run.method, answered, count, err)
		}
		fmt.Printf("%s: %d texts in %.1f s\n", run.method, count, time.Since(started).Seconds())
	}
	if opened := connections.Load(); opened != 1 {
		log.Fatalf("%d connections were needed", opened)
	}
}

// A client in Go: net/http, and the classes that protoc-gen-go made. It reads a call from each line of its standard input.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	_ "google.golang.org/protobuf/types/known/emptypb"

	lyceum "outsider/gen/lyceum/v1"
)

type content struct {
	Type string `json:"type"`
	Data []byte `json:"data"`
}

type call struct {
	Id           int               `json:"id"`
	Verb         string            `json:"verb"`
	Base         string            `json:"base"`
	Target       string            `json:"target"`
	Token        string            `json:"token"`
	Headers      map[string]string `json:"headers"`
	RequestType  string            `json:"requestType"`
	ResponseType string            `json:"responseType"`
	Message      []byte            `json:"message"`
	HasBody      bool              `json:"hasBody"`
	Content      *content          `json:"content"`
	Answer       string            `json:"answer"`
	Produces     []string          `json:"produces"`
}

type answer struct {
	Id          int     `json:"id"`
	Status      int     `json:"status,omitempty"`
	ContentType string  `json:"contentType,omitempty"`
	Body        *[]byte `json:"body,omitempty"`
	Reason      string  `json:"reason,omitempty"`
	Error       string  `json:"error,omitempty"`
}

const protobuf = "application/x-protobuf"

// newMessage returns a message of the generated class with this full name.
func newMessage(name string) (proto.Message, error) {
	found, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(name))
	if err != nil {
		return nil, err
	}
	return found.New().Interface(), nil
}

// reread reads bytes with the generated class, without what it does not know, and writes them anew.
func reread(name string, data []byte) ([]byte, error) {
	message, err := newMessage(name)
	if err != nil {
		return nil, err
	}
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(data, message); err != nil {
		return nil, err
	}
	return proto.Marshal(message)
}

func newRequest(c call) (*http.Request, error) {
	body, err := reread(c.RequestType, c.Message)
	if err != nil {
		return nil, err
	}
	contentType := protobuf
	if c.Content != nil {
		body, contentType = c.Content.Data, c.Content.Type
	}
	var reader io.Reader
	if c.HasBody || c.Content != nil {
		reader = bytes.NewReader(body)
	}
	request, err := http.NewRequest(c.Verb, c.Base+c.Target, reader)
	if err != nil {
		return nil, err
	}
	if reader != nil {
		request.Header.Set("Content-Type", contentType)
	}
	request.Header.Set("Accept", strings.Join(append(c.Produces, protobuf), ", "))
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	for name, value := range c.Headers {
		request.Header.Set(name, value)
	}
	return request, nil
}

// firstEvent reads a stream up to the empty line behind the first line of data.
func firstEvent(stream io.Reader) ([]byte, error) {
	var text []byte
	lines := bufio.NewReader(stream)
	for hasData := false; ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		text = append(text, line...)
		hasData = hasData || bytes.HasPrefix(line, []byte("data:"))
		if hasData && len(bytes.TrimSpace(line)) == 0 {
			return text, nil
		}
	}
}

func play(c call) (answer, error) {
	request, err := newRequest(c)
	if err != nil {
		return answer{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	result := answer{Id: c.Id, Status: response.StatusCode, ContentType: response.Header.Get("Content-Type")}
	if response.StatusCode < 400 && c.Answer == "stream" {
		data, err := firstEvent(response.Body)
		result.Body = &data
		return result, err
	}
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	switch {
	case response.StatusCode >= 400:
		problem := &lyceum.Problem{}
		if err := proto.Unmarshal(data, problem); err != nil {
			return answer{}, err
		}
		result.Reason = problem.GetReason()
		data, err = reread("lyceum.v1.Problem", data)
	case c.Answer == "message":
		data, err = reread(c.ResponseType, data)
	case c.Answer == "nothing" && len(data) > 0:
		err = fmt.Errorf("%d bytes where nothing was expected", len(data))
	}
	result.Body = &data
	return result, err
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var c call
		if err = json.Unmarshal(line, &c); err == nil {
			var result answer
			if result, err = play(c); err == nil {
				output.Encode(result)
				continue
			}
		}
		output.Encode(answer{Id: c.Id, Error: err.Error()})
	}
}


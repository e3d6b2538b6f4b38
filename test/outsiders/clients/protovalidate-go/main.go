// A program that has both the contract and the real protovalidate: it starts, since no file and no message of the two has the
// same name, and it validates a message that holds one of the contract's.
package main

import (
	"fmt"
	"os"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	lyceum "outsider/gen/lyceum/v1"
)

// newEnrolment describes a message of this program's own: message Enrolment { lyceum.v1.LoginRequest login = 1 [required]; }
func newEnrolment() (protoreflect.MessageDescriptor, error) {
	options := &descriptorpb.FieldOptions{}
	proto.SetExtension(options, validate.E_Field, validate.FieldRules_builder{Required: proto.Bool(true)}.Build())
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name:       proto.String("enrolment.proto"),
		Package:    proto.String("outsider"),
		Syntax:     proto.String("proto3"),
		Dependency: []string{"lyceum/v1/auth.proto", "buf/validate/validate.proto"},
		MessageType: []*descriptorpb.DescriptorProto{{
			Name: proto.String("Enrolment"),
			Field: []*descriptorpb.FieldDescriptorProto{{
				Name:     proto.String("login"),
				JsonName: proto.String("login"),
				Number:   proto.Int32(1),
				Label:    descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
				Type:     descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(),
				TypeName: proto.String(".lyceum.v1.LoginRequest"),
				Options:  options,
			}},
		}},
	}, protoregistry.GlobalFiles)
	if err != nil {
		return nil, err
	}
	return file.Messages().ByName("Enrolment"), nil
}

func check() error {
	enrolment, err := newEnrolment()
	if err != nil {
		return err
	}
	message := dynamicpb.NewMessage(enrolment)
	if protovalidate.Validate(message) == nil {
		return fmt.Errorf("a message without its required field is valid")
	}
	login := &lyceum.LoginRequest{Email: "masha@example.org", Password: "correct horse"}
	message.Set(enrolment.Fields().ByName("login"), protoreflect.ValueOfMessage(login.ProtoReflect()))
	return protovalidate.Validate(message)
}

func main() {
	if err := check(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
